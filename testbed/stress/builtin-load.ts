import type { EdgeClient } from './edge-client.ts'
import { type AskedOperation, askFor, Newest, type OrderMemory, type PlannedOperation, remember } from './planned.ts'
import type { Operation } from './records.ts'

export interface PlannedOperationsOptions {
  readonly client: Pick<EdgeClient, 'send'>
  readonly plan: readonly PlannedOperation[]
  /** Makes the request keys of two runs with the same seed different. */
  readonly run: string
  readonly nowMs: () => number
}

/** The operations of a plan as the built-in engine sends them; all its clients share what they know of orders. */
export function plannedOperations(options: PlannedOperationsOptions): (index: number) => Operation {
  const { client, plan, run, nowMs } = options
  const memory: OrderMemory = { known: new Newest(), unpaid: new Newest() }
  return (index) => {
    const planned = plan[index % plan.length]
    if (planned === undefined) throw new TypeError('an empty plan has no operation')
    return operation(askFor(planned, { index, run, memory, nowMs: Math.round(nowMs()) }), memory, client)
  }
}

function operation(asked: AskedOperation, memory: OrderMemory, client: Pick<EdgeClient, 'send'>): Operation {
  const { kind, key, ...request } = asked
  return {
    kind,
    requestKey: key,
    async send(signal) {
      const reply = await client.send({ ...request, ...(key !== null && { requestKey: key }) }, signal)
      if (kind === 'place' && reply.outcome === 'ok' && reply.orderId !== null) remember(memory, reply.orderId)
      return reply
    },
  }
}
