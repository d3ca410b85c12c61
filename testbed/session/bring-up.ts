import type { Clock } from '@ezone/sdk/model'
import type { NewEvent } from '../agent/events.ts'
import type { Observed, Runtime } from '../runtimes/runtime.ts'
import { type Blueprint, specOf } from '../topology/blueprint.ts'
import type { Equipped } from './equip.ts'
import { execute, type OpTime } from './execute.ts'
import { isProven } from './phases.ts'
import { type Op, type Plan, planStop, planUp } from './plan.ts'
import { checkPorts } from './preflight.ts'
import { untilReady } from './ready.ts'
import { sightOf } from './status.ts'

export interface Doing {
  readonly clock: Clock
  readonly tell: (event: NewEvent) => void
  readonly signal: AbortSignal
  /** Gives a link's proxies their latency and opens them. */
  readonly raise: (link: Blueprint['links'][number], signal: AbortSignal) => Promise<void>
  /** Links that cannot be read back as open or cut. */
  readonly unraised: (signal: AbortSignal) => Promise<readonly string[]>
  /** When a start last ended with everything proven. */
  readonly proven: { readonly at: string } | null
}

export interface Brought {
  readonly plan: Plan
  readonly times: readonly OpTime[]
}

/** A server that is not ready by then will not be: the slowest takes 6 s on two busy cores. */
const readyDeadlineMs = 60_000

/** Brings what exists to what the blueprint says: observe, plan, execute. */
export async function bringUp(equipped: Equipped, doing: Doing, renew: readonly string[] = []): Promise<Brought> {
  const { testbed, runtime } = equipped
  const { blueprint } = testbed
  const observed = await runtime.observe(doing.signal)
  const hashes = new Map(blueprint.specs.map((spec) => [spec.id, runtime.hashOf(spec)]))
  const plan = planUp({
    blueprint,
    observed,
    hashes,
    renew,
    unraised: observed.length === 0 ? [] : await doing.unraised(doing.signal),
    unproven: !isProven(sightOf(blueprint, observed, doing.proven)),
  })
  doing.tell({ type: 'plan', ops: plan.ops })
  await checkPorts(blueprint, absent(plan, blueprint, observed))
  const times = await execute(plan, {
    ...doing,
    rank: (op) => rankOf(op, blueprint),
    onOp: tellOp(doing),
    perform: (op, signal) => perform(op, equipped, doing, signal),
  })
  return { plan, times }
}

/** Ends what runs, politely and in order; `only` limits it to some specs. */
export async function bringDown(
  { runtime, blueprint }: { runtime: Runtime; blueprint: Blueprint },
  doing: Pick<Doing, 'clock' | 'tell' | 'signal'>,
  options: { readonly graceMs: number; readonly only?: readonly string[] },
): Promise<Brought> {
  const observed = await runtime.observe(doing.signal)
  const plan = planStop(blueprint, observed, options.only)
  doing.tell({ type: 'plan', ops: plan.ops })
  const times = await execute(plan, {
    ...doing,
    rank: () => 0,
    onOp: tellOp(doing),
    perform: (op, signal) => runtime.stop(op.target, { graceMs: options.graceMs, signal }),
  })
  return { plan, times }
}

const tellOp =
  ({ tell }: Pick<Doing, 'tell'>) =>
  (op: Op, state: 'begun' | 'done' | 'failed', ms: number): void =>
    tell({ type: 'op', id: op.id, target: op.target, state, ms: Math.round(ms) })

async function perform(op: Op, { testbed, runtime }: Equipped, doing: Doing, signal: AbortSignal): Promise<void> {
  if (op.op === 'prepare') return runtime.prepare(signal)
  if (op.op === 'stop') return runtime.stop(op.target, { graceMs: 10_000, signal })
  if (op.op === 'raise') {
    const link = testbed.blueprint.links.find((l) => l.name === op.target)
    return link && doing.raise(link, signal)
  }
  const spec = specOf(testbed.blueprint, op.target)
  if (spec === undefined) throw new TypeError(`the plan starts ${op.target}, which is not in the blueprint`)
  // Of what runs already `start` returns what it finds; an `await` only waits for it.
  const started = await runtime.start(spec, signal)
  await untilReady(started, spec, { runtime, testbed, signal, deadlineMs: readyDeadlineMs })
}

/** Specs whose doors must be free: those that will be started and do not run yet. */
function absent(plan: Plan, blueprint: Blueprint, observed: readonly Observed[]) {
  const running = new Set(observed.filter((o) => o.running).map((o) => o.specId))
  return plan.ops
    .filter((op) => op.op === 'start' && !running.has(op.target))
    .flatMap((op) => specOf(blueprint, op.target) ?? [])
}

/**
 * Slowest first: with all of them competing for few cores, what starts last is ready last. Measured on two cores:
 * Kafka 3-4 s, ensemble 3 s, MySQL 1.5 s, services 0.5 s, Redis and Toxiproxy below 0.1 s.
 */
function rankOf(op: Op, blueprint: Blueprint): number {
  const spec = specOf(blueprint, op.target)
  if (spec === undefined) return 0
  if (spec.kind === 'toxiproxy') return 1
  if (spec.kind === 'kafka') return 2
  if (spec.kind === 'zookeeper') return 3
  return spec.kind === 'mysql' ? 4 : 5
}
