import { loadavg } from 'node:os'

/** One measured figure beside what the issue asks for. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** In words; null where it is only there to be compared with. */
  readonly target: string | null
  /** null without a target. */
  readonly holds: boolean | null
}

/** What one part of the bench has measured, and on how busy a machine. */
export interface Measured {
  readonly figures: readonly Figure[]
  /** Load average of the last minute, before and after. Two cores are idle at 0 and full at 2. */
  readonly load: readonly [number, number]
  readonly notes: Readonly<Record<string, unknown>>
}

export const atMost = (what: string, value: number, unit: string, limit: number): Figure => ({
  ...{ what, value: round(value), unit },
  target: `<= ${limit}`,
  holds: value <= limit,
})

export const atLeast = (what: string, value: number, unit: string, limit: number): Figure => ({
  ...{ what, value: round(value), unit },
  target: `>= ${limit}`,
  holds: value >= limit,
})

export const merely = (what: string, value: number, unit: string): Figure => ({
  ...{ what, value: round(value), unit },
  target: null,
  holds: null,
})

const round = (value: number) => Number(value.toPrecision(4))

/** The value that so large a share of all is not above. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const busy = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10
