import { z } from 'zod'

export const shortestMs = 1_000
export const longestMs = 24 * 3_600_000

/** What is asked of a fault beside its kind and its target. Which kind takes which is said by the kind. */
const settingsSchema = z.strictObject({
  /** `bj:sh`: only what leaves bj for sh. */
  direction: z.string().optional(),
  mode: z.enum(['drop', 'stall', 'refuse']).optional(),
  /** Each way takes so much longer. */
  latencyMs: z.int().min(1).max(60_000).optional(),
  jitterMs: z.int().min(0).max(60_000).optional(),
  kbPerSecond: z.int().min(1).max(10_000_000).optional(),
  downMs: z.int().min(200).max(3_600_000).optional(),
  upMs: z.int().min(200).max(3_600_000).optional(),
  /** What a skewed clock is ahead; negative: behind. */
  byMs: z
    .int()
    .min(-24 * 3_600_000)
    .max(24 * 3_600_000)
    .optional(),
})

export const requestSchema = settingsSchema.extend({
  kind: z.string(),
  target: z.string(),
  forMs: z.int().min(1).default(60_000),
  /** The time of whoever asks: a lease that outlives it is refused. */
  withinMs: z.int().optional(),
})

export type Settings = z.output<typeof settingsSchema>
export type FaultRequest = z.input<typeof requestSchema>
