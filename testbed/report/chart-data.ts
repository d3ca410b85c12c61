import type { Phrase } from './phrase.ts'

/** All that the charts of the page are drawn from. Seconds on the x axis; texts in every language, as plain text. */
export interface ChartData {
  readonly durationS: number
  /** Names; a zone's colour is that of its place in this list. */
  readonly zones: readonly string[]
  readonly x: readonly number[]
  /** One line per zone. */
  readonly load: readonly ChartLine[]
  readonly success: readonly ChartLine[]
  readonly p50: readonly ChartLine[]
  readonly p99: readonly ChartLine[]
  /** The load beside the clients: done per second by zone, not done by none, and the slowest; null where there was none. */
  readonly stress: {
    readonly ok: readonly ChartLine[]
    readonly wrong: ChartLine
    readonly p99: readonly ChartLine[]
  } | null
  readonly lag: readonly ChartLag[]
  readonly faults: readonly ChartBar[]
  readonly steps: readonly { readonly atS: number; readonly label: Phrase }[]
  readonly alerts: readonly ChartBar[]
  readonly owners: readonly ChartRow[]
  readonly words: Readonly<Record<ChartWord, Phrase>>
}

export type ChartLine = readonly (number | null)[]

export interface ChartLag {
  /** `bj > sh`. */
  readonly name: string
  /** Colour of the zone whose changes are late. */
  readonly zone: number
  readonly x: readonly number[]
  readonly claimed: ChartLine
  readonly measured: ChartLine
}

export interface ChartBar {
  readonly label: Phrase
  readonly fromS: number
  readonly toS: number
  /** A fault whose effect nobody proved is drawn as an outline. */
  readonly proven: boolean
}

export interface ChartRow {
  readonly label: Phrase
  readonly spans: readonly {
    readonly fromS: number
    readonly toS: number
    readonly zone: number
    readonly state: string
    readonly epoch: number | null
  }[]
}

export const chartWords = [
  'time',
  'faults',
  'switch',
  'alerts',
  'claimed',
  'measured',
  'p50',
  'p99',
  'notArrived',
  'none',
  'wrong',
] as const
export type ChartWord = (typeof chartWords)[number]
