/** How long the stages of a drill may take that no scenario says a word about. Milliseconds. */
export interface DrillLimits {
  readonly readyMs: number
  readonly beginMs: number
  readonly injectMs: number
  readonly moveMs: number
  readonly healMs: number
  readonly endMs: number
  readonly collectMs: number
  readonly judgeMs: number
  readonly reportMs: number
  readonly putBackMs: number
  /** A part that keeps a limit of its own gets so much longer, to say what it waited for. */
  readonly slackMs: number
  /** How often the stop condition is looked at. */
  readonly lookMs: number
}

export const drillLimits: DrillLimits = {
  readyMs: 120_000,
  beginMs: 30_000,
  injectMs: 90_000,
  moveMs: 120_000,
  healMs: 120_000,
  endMs: 30_000,
  collectMs: 120_000,
  judgeMs: 120_000,
  reportMs: 60_000,
  putBackMs: 180_000,
  slackMs: 10_000,
  lookMs: 500,
}
