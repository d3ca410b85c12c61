import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { Arrivals } from './profile.ts'
import { type LoadRecord, noReply, type Operation, type Reply } from './records.ts'

/** How far the generator itself may be behind and still be in time. Beyond, it measures itself and not the platform. */
export const lateMsMax = 50

/** Operations under way at once, at most: what is beyond is not sent but counted as dropped. */
const inFlightMaxDefault = 2_000

export interface LoadOptions {
  readonly arrivals: Arrivals
  /** The operation with this number; called at its intended time, in order. */
  readonly operations: (index: number) => Operation
  readonly onRecord: (record: LoadRecord) => void
  /** Told when the first operation is meant to begin: now. */
  readonly onBegun?: () => void
  /** Ends the run early, and what is under way with it. */
  readonly signal: AbortSignal
  /** Ends the run early; what is under way is awaited. Nothing more is intended then. */
  readonly until?: AbortSignal
  readonly inFlightMax?: number
  readonly clock?: Clock
}

/** How well the generator kept its own word. */
export interface LoadRun {
  readonly intended: number
  readonly sent: number
  /** Sent no more than `lateMsMax` after the intended time. */
  readonly inTime: number
  /** Never sent, since `inFlightMax` others were under way. */
  readonly dropped: number
  /** From the first intended time to the end of the last second; without waiting for the last answers. */
  readonly ranMs: number
}

/**
 * Open loop: operation i is meant for its own moment, however the ones before it fare. A system that answers slowly does
 * not slow the questions down, and its queues are seen ("coordinated omission" is what hides them:
 * Gil Tene, How NOT to Measure Latency, 2013). Resolves when every operation that was sent has its record.
 *
 *   const { intended, dropped } = await runLoad({ arrivals: steady(200, 10_000), operations, onRecord, signal })
 */
export async function runLoad(options: LoadOptions): Promise<LoadRun> {
  const { arrivals, signal, clock = systemClock, inFlightMax = inFlightMaxDefault } = options
  const { until = signal } = options
  const ending = AbortSignal.any([signal, until])
  let intended = arrivals.count
  const counts = { sent: 0, inTime: 0, dropped: 0 }
  const underWay = new Set<Promise<void>>()
  const startMs = clock.monotonicMs()
  const sinceStart = () => clock.monotonicMs() - startMs
  options.onBegun?.()

  let next = 0
  while (next < intended && !ending.aborted) {
    const nowMs = sinceStart()
    for (; next < intended && arrivals.atMs(next) <= nowMs; next++) {
      if (underWay.size >= inFlightMax) {
        counts.dropped++
        continue
      }
      counts.sent++
      if (sinceStart() - arrivals.atMs(next) <= lateMsMax) counts.inTime++
      const one = perform(options, next, sinceStart).finally(() => underWay.delete(one))
      underWay.add(one)
    }
    await pause(arrivals.atMs(next) - sinceStart(), ending)
  }
  if (until.aborted && !signal.aborted) intended = next
  const ranMs = Math.max(sinceStart(), ending.aborted ? 0 : arrivals.forMs)
  await Promise.all(underWay)
  return { intended, ...counts, ranMs }
}

/** Timers have a millisecond; below that the next turn of the loop does. Ends early, and quietly, with the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, Math.min(ms, 1_000)), undefined, { signal }).catch(() => undefined)
}

async function perform(options: LoadOptions, index: number, sinceStart: () => number): Promise<void> {
  const { kind, requestKey, send } = options.operations(index)
  const sentMs = sinceStart()
  const reply = await send(options.signal).catch(replyOf)
  options.onRecord({
    ...reply,
    index,
    kind,
    requestKey,
    intendedMs: options.arrivals.atMs(index),
    sentMs,
    answeredMs: sinceStart(),
  })
}

/** Only an error that says itself that nothing was done is a failure; all others leave it open. */
function replyOf(error: unknown): Reply {
  if (!EzoneError.is(error)) return { ...noReply, code: 'EZ_BUG' }
  return { ...noReply, outcome: error.code === 'EZ_OUTCOME_UNKNOWN' ? 'unknown' : 'failed', code: error.code }
}
