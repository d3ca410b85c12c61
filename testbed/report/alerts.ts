import { ownership } from '../checks/ownership.ts'
import type { History, OperationEntry } from '../ledger/history.ts'
import { type Judgement, lagWatch, operationWatch, ownerWatch, twoOwnersWatch } from './alert-rules.ts'
import type { Alert, AlertRule, FaultSpan } from './schema.ts'

/** How an alert behaves in time; the same for every rule. */
const tickMs = 500
/** As long as this it must stand before anybody is woken, and be gone before it counts as over. */
const ticksToFire = 2
const ticksToResolve = 4
/** Nobody is hurt any more where nobody has asked for so long, such as in a zone without shards. */
const ticksIdle = 20
/** An alert that comes back so soon is the same one. */
const againMs = 5_000

export interface AlertInput {
  readonly history: History
  readonly faults: readonly FaultSpan[]
  readonly durationMs: number
}

/**
 * The alerts somebody on call would have had: each rule looked at every half second, by what was known then (answers, not
 * intentions). What stands is not fired again; what comes back at once is the same alert; a shard says nothing of its own
 * while its whole zone does.
 */
export function alertsOf(input: AlertInput): Alert[] {
  const ticks = Math.max(1, Math.ceil(input.durationMs / tickMs))
  const watches = [
    ...operationWatch(input.history, zoneIn(input.history), ticks, tickMs),
    ...lagWatch(input.history, ticks, tickMs),
    ...ownerWatch(input.history, ticks, tickMs),
    ...twoOwnersWatch(input.history, ticks, tickMs),
  ]
  const raised = watches.flatMap(({ rule, subject, within, judge }) =>
    stretches(ticks, judge).map((stretch) => ({ rule, subject, within, ...stretch })),
  )
  const heard = raised.filter(
    ({ rule, within, firedMs, resolvedMs }) =>
      within === null ||
      !raised.some(
        (other) => other.rule === rule && other.subject === within && overlap(other, { firedMs, resolvedMs }),
      ),
  )
  return heard
    .map(({ within: _, ...alert }) => ({ ...alert, ...causeOf(input.faults, alert.firedMs) }))
    .sort((a, b) => a.firedMs - b.firedMs || a.subject.localeCompare(b.subject))
}

/** As the checks count it: whoever owned the shard then; else who answered; else where the client sits. */
function zoneIn(history: History): (operation: OperationEntry) => string | null {
  const owners = ownership(history)
  return ({ shard, zone, inside, intendedMs }) =>
    (shard === null ? null : owners.zoneAt(shard, intendedMs)) ?? zone ?? inside
}

type Stretch = Pick<Alert, 'firedMs' | 'resolvedMs' | 'fired' | 'worst'>

const overlap = (a: Pick<Stretch, 'firedMs' | 'resolvedMs'>, b: Pick<Stretch, 'firedMs' | 'resolvedMs'>) =>
  a.firedMs - againMs <= (b.resolvedMs ?? Infinity) && b.firedMs <= (a.resolvedMs ?? Infinity) + againMs

/** One rule over time: fire after two bad looks, resolve after four good ones; looks that say nothing
 * change nothing. Where nobody asks for long, nobody is hurt any more. */
export function stretches(ticks: number, judge: (tick: number) => Judgement): Stretch[] {
  const done: Stretch[] = []
  let bad = 0
  let good = 0
  let idle = 0
  let open = null as Stretch | null
  for (let tick = 0; tick < ticks; tick++) {
    const { state, value } = judge(tick)
    idle = state === 'idle' ? idle + 1 : 0
    if (state === 'good' || state === 'bad') [bad, good] = state === 'bad' ? [bad + 1, 0] : [0, good + 1]
    if (open !== null && state === 'bad') open = { ...open, worst: greater(open.worst, value) }
    // A look covers the time up to its end.
    const atMs = (tick + 1) * tickMs
    if (open === null && state === 'bad' && bad === ticksToFire) open = reopened(done, atMs, value)
    else if (open !== null && (idle >= ticksIdle || (state === 'good' && good >= ticksToResolve))) {
      bad = 0
      done.push({ ...open, resolvedMs: atMs })
      open = null
    }
  }
  return open === null ? done : [...done, open]
}

function reopened(done: Stretch[], firedMs: number, worst: number | null): Stretch {
  const last = done.at(-1)
  if (last === undefined || last.resolvedMs === null || firedMs - last.resolvedMs > againMs)
    return { firedMs, resolvedMs: null, fired: 1, worst }
  done.pop()
  return { firedMs: last.firedMs, resolvedMs: null, fired: last.fired + 1, worst: greater(last.worst, worst) }
}

const greater = (a: number | null, b: number | null) => (a === null || b === null ? (a ?? b) : Math.max(a, b))

/** The fault an alert most likely speaks of: the latest that was in force when it fired, or had ended shortly before. */
function causeOf(faults: readonly FaultSpan[], firedMs: number): Pick<Alert, 'fault' | 'afterFaultMs'> {
  const begun = (fault: FaultSpan) => fault.inForceMs ?? fault.askedMs ?? Infinity
  const cause = faults
    .filter((fault) => begun(fault) <= firedMs && (fault.endedMs === null || fault.endedMs + 2 * againMs >= firedMs))
    .reduce<FaultSpan | null>(
      (latest, fault) => (latest === null || begun(fault) > begun(latest) ? fault : latest),
      null,
    )
  if (cause === null) return { fault: null, afterFaultMs: null }
  return { fault: cause.id, afterFaultMs: firedMs - begun(cause) }
}

export const alertRuleUnits: Readonly<Record<AlertRule, 'share' | 'ms' | 'writes'>> = {
  errors: 'share',
  slow: 'ms',
  lag: 'ms',
  'no-owner': 'ms',
  'two-owners': 'writes',
}
