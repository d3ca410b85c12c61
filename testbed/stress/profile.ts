import { EzoneError } from '@ezone/sdk/errors'
import { hourWeights } from '../demand/hours.ts'
import type { ProfileName } from './names.ts'

/** The rate at a moment. Between two points it changes evenly; two points at one moment are a jump. */
export interface ProfilePoint {
  readonly atMs: number
  readonly qps: number
}

/** A rate over time: at least two points, the first at 0, the last at the end, times never going back. */
export type Profile = readonly ProfilePoint[]

export interface ProfileSize {
  /** The highest rate of the profile. */
  readonly qps: number
  readonly forMs: number
}

/** Hours of a meal, as the data of a real day have them; the peak is at 11:00 and at 17:00. */
const lunchHours = [9, 10, 11, 12, 13, 14] as const
const dinnerHours = [14, 15, 16, 17, 18, 19, 20, 21] as const
/** A storm: a tenth of the rate, then all of it at once, then a tenth again. */
const stormFrom = 0.3
const stormUntil = 0.7
/** From a sixteenth of the rate up to all of it, each step so much above the one before. */
const rampSteps = 12
const rampFrom = 1 / 16
/** A shorter step says nothing: its slowest answers are still on their way. */
const stepMsMin = 2_000

/** @throws EZ_USAGE where the time is too short for the profile */
export function profileOf(name: ProfileName, { qps, forMs }: ProfileSize): Profile {
  switch (name) {
    case 'steady':
      return [point(0, qps), point(forMs, qps)]
    case 'lunch':
      return meal(lunchHours, { qps, forMs })
    case 'dinner':
      return meal(dinnerHours, { qps, forMs })
    case 'storm-x10':
      return [
        ...[point(0, qps / 10), point(forMs * stormFrom, qps / 10)],
        ...[point(forMs * stormFrom, qps), point(forMs * stormUntil, qps)],
        ...[point(forMs * stormUntil, qps / 10), point(forMs, qps / 10)],
      ]
    case 'ramp-to-break':
      return stepsOf({ qps, forMs }).flatMap(({ fromMs, untilMs, qps: rate }) => [
        point(fromMs, rate),
        point(untilMs, rate),
      ])
  }
}

export interface Step {
  readonly fromMs: number
  readonly untilMs: number
  readonly qps: number
}

/** The stretches of `ramp-to-break`, each at one rate. @throws EZ_USAGE */
export function stepsOf({ qps, forMs }: ProfileSize): readonly Step[] {
  const stepMs = forMs / rampSteps
  if (stepMs < stepMsMin)
    throw new EzoneError(
      'EZ_USAGE',
      `ramp-to-break has ${rampSteps} steps of at least ${stepMsMin / 1_000} s: --for ${(rampSteps * stepMsMin) / 1_000}s or longer`,
    )
  return Array.from({ length: rampSteps }, (_, index) => ({
    fromMs: Math.round(index * stepMs),
    untilMs: Math.round((index + 1) * stepMs),
    qps: Math.max(1, Math.round(qps * rampFrom ** (1 - index / (rampSteps - 1)))),
  }))
}

/** A stretch of the day in little: its busiest hour at the full rate. */
function meal(hours: readonly number[], { qps, forMs }: ProfileSize): Profile {
  const weights = hours.map((hour) => hourWeights[hour] ?? 0)
  const peak = Math.max(...weights)
  const every = forMs / (weights.length - 1)
  return weights.map((weight, index) => point(index * every, (qps * weight) / peak))
}

/** Whole milliseconds, as k6 wants them: both engines shall mean the same moments. */
const point = (atMs: number, qps: number): ProfilePoint => ({ atMs: Math.round(atMs), qps })

/** When each operation of a run is meant to begin. */
export interface Arrivals {
  /** How many are meant before the end. */
  readonly count: number
  readonly forMs: number
  /** Of operation `index`, counted from 0; fractions are between two. Never goes back. */
  readonly atMs: (index: number) => number
}

/** An even rate. */
export const steady = (qps: number, forMs: number): Arrivals => arrivalsOf(profileOf('steady', { qps, forMs }))

interface Stretch {
  readonly fromMs: number
  readonly ms: number
  readonly perMs: number
  /** By how much the rate changes in a millisecond. */
  readonly changePerMs: number
  /** How many are meant before it, and in it. */
  readonly before: number
  readonly count: number
}

/**
 * Operation i is meant for the moment at which the rate so far adds up to i. The inverse of that sum is exact in each
 * stretch: the rate is a straight line there, its sum a parabola.
 */
export function arrivalsOf(profile: Profile): Arrivals {
  const stretches: Stretch[] = []
  let before = 0
  for (const [index, to] of profile.entries()) {
    const from = profile[index - 1]
    if (from === undefined || to.atMs <= from.atMs) continue
    const ms = to.atMs - from.atMs
    const count = ((from.qps + to.qps) / 2_000) * ms
    const perMs = from.qps / 1_000
    stretches.push({ fromMs: from.atMs, ms, perMs, changePerMs: (to.qps - from.qps) / 1_000 / ms, before, count })
    before += count
  }
  const forMs = profile.at(-1)?.atMs ?? 0
  const atMs = (index: number): number => {
    const stretch = stretchOf(stretches, index)
    return stretch === undefined ? forMs : timeIn(stretch, index - stretch.before)
  }
  // What is left of a sum of fractions is no operation more.
  return { count: Math.max(0, Math.ceil(before - 1e-6)), forMs, atMs }
}

function stretchOf(stretches: readonly Stretch[], index: number): Stretch | undefined {
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const stretch = stretches[middle]
    if (stretch !== undefined && stretch.before + stretch.count <= index) low = middle + 1
    else high = middle
  }
  return stretches[low]
}

/** Solves perMs t + changePerMs t² / 2 = wanted for t, in the form that does not lose digits where the rate is even. */
function timeIn({ fromMs, ms, perMs, changePerMs }: Stretch, wanted: number): number {
  if (wanted <= 0) return fromMs
  const root = Math.sqrt(Math.max(0, perMs * perMs + 2 * changePerMs * wanted))
  return fromMs + Math.min(ms, (2 * wanted) / (perMs + root))
}

/** The highest rate there is. */
export const peakOf = (profile: Profile): number => Math.max(...profile.map(({ qps }) => qps))
