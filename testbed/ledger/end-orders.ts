import { setTimeout as sleep } from 'node:timers/promises'
import { type LoadRecord, noReply } from '../stress/records.ts'
import type { Clients, NumberedOperation } from './clients.ts'

const atOnceMax = 16
const pauseMs = 50

export interface EndOptions {
  readonly clients: Pick<Clients, 'open' | 'endOrders' | 'ending'>
  readonly atMs: () => number
  readonly nextIndex: () => number
  readonly onRecord: (record: LoadRecord) => void
  readonly withinMs: number
  readonly signal: AbortSignal
}

/**
 * Brings every order of the run to its end that the clients know of: what is on its way is delivered, the rest cancelled.
 * No longer an open loop: the load is over, and nothing of this says how fast anything is. Returns how many are left.
 */
export async function endOrders(options: EndOptions): Promise<number> {
  const { clients, atMs, withinMs, signal } = options
  clients.endOrders()
  const untilMs = atMs() + withinMs
  let busy = 0
  const worker = async () => {
    while (!signal.aborted && atMs() < untilMs && clients.open + busy > 0) {
      const next = clients.ending(options.nextIndex)
      if (next === undefined) {
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
        continue
      }
      busy++
      await perform(options, next).finally(() => busy--)
    }
  }
  await Promise.all(Array.from({ length: atOnceMax }, worker))
  return clients.open
}

async function perform({ atMs, onRecord, signal }: EndOptions, { index, operation }: NumberedOperation): Promise<void> {
  const { kind, requestKey, send } = operation
  const sentMs = atMs()
  const reply = await send(signal).catch(() => noReply)
  onRecord({ ...reply, index, kind, requestKey, intendedMs: sentMs, sentMs, answeredMs: atMs() })
}
