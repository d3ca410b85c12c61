import type { Clock } from '@ezone/sdk/model'
import type { Runtime } from '../runtimes/runtime.ts'
import { specOf } from '../topology/blueprint.ts'
import { execute } from './execute.ts'
import { planUp } from './plan.ts'
import { untilReady } from './ready.ts'
import type { Testbed } from './testbed.ts'

const readyDeadlineMs = 90_000

/**
 * Starts those of these specs that do not run, in the order `up` would, each once those it needs are ready. With
 * `awaitReady` false all at once: while a fault is in force some of them cannot become ready at all.
 */
export async function startSome(
  testbed: Pick<Testbed, 'blueprint' | 'credentials'>,
  ids: readonly string[],
  doing: {
    readonly runtime: Runtime
    readonly clock: Clock
    readonly awaitReady: boolean
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { blueprint } = testbed
  const { runtime, awaitReady } = doing
  const observed = await runtime.observe(doing.signal)
  const dead = observed.filter((o) => !o.running && ids.includes(o.specId)).map((o) => o.specId)
  const { ops } = planUp({ blueprint, observed, hashes: new Map(), renew: dead })
  const mine = ops.filter((op) => op.op === 'start' && ids.includes(op.target))
  const begun = new Set(mine.map((op) => op.id))
  const plan = { ops: mine.map((op) => ({ ...op, needs: awaitReady ? op.needs.filter((id) => begun.has(id)) : [] })) }
  await execute(plan, {
    ...doing,
    rank: () => 0,
    onOp: () => undefined,
    perform: async ({ target }, signal) => {
      const spec = specOf(blueprint, target)
      if (spec === undefined) throw new TypeError(`there is no ${target} in the blueprint`)
      const started = await runtime.start(spec, signal)
      if (awaitReady) await untilReady(started, spec, { runtime, testbed, signal, deadlineMs: readyDeadlineMs })
    },
  })
}
