import type { Clock } from '@ezone/sdk/model'
import { steady } from '../stress/profile.ts'
import type { LoadRecord, Operation } from '../stress/records.ts'
import { type LoadRun, runLoad } from '../stress/run-load.ts'
import type { EntryOf } from './history.ts'

/** Longer than any client waits for an answer: in a cut so many seconds of operations are under way at once. */
const answerS = 12

export interface BurstOptions {
  readonly qps: number
  readonly forMs: number
  readonly clock: Clock
  readonly atMs: () => number
  /** Numbers of the operations begin here: they are unique in a run. */
  readonly from: number
  readonly operation: (index: number) => Operation
  /** Times are those of the run. */
  readonly onRecord: (record: LoadRecord) => void
  readonly signal: AbortSignal
  readonly until: AbortSignal
}

/** One stretch of load on the clock of the run. */
export async function burst(options: BurstOptions): Promise<LoadRun> {
  const { qps, forMs, clock, atMs, from, operation, onRecord, signal, until } = options
  const beganMs = atMs()
  const at = (ms: number) => Math.round((beganMs + ms) * 1000) / 1000
  return runLoad({
    arrivals: steady(qps, forMs),
    clock,
    signal,
    until,
    inFlightMax: Math.ceil(qps * answerS),
    operations: (index) => operation(from + index),
    onRecord: (record) =>
      onRecord({
        ...record,
        index: from + record.index,
        intendedMs: at(record.intendedMs),
        sentMs: at(record.sentMs),
        answeredMs: at(record.answeredMs),
      }),
  })
}

export type Generator = Omit<EntryOf<'generator'>, 'type'>

/** How well the generator kept its word in all stretches of a run together. */
export const together = (runs: readonly LoadRun[]): Generator => ({
  intended: sum(runs, ({ intended }) => intended),
  sent: sum(runs, ({ sent }) => sent),
  inTime: sum(runs, ({ inTime }) => inTime),
  dropped: sum(runs, ({ dropped }) => dropped),
  ranMs: Math.round(sum(runs, ({ ranMs }) => ranMs)),
})

const sum = (runs: readonly LoadRun[], of: (run: LoadRun) => number) => runs.reduce((all, run) => all + of(run), 0)
