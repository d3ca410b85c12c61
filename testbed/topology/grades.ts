import { z } from 'zod'

/** What a drill must reach to be graded so. */
export interface GradeThreshold {
  /** Share of the orders of the worst five minutes that could not be placed. */
  readonly orderLoss: number
  /** How long a zone's shards were not served to those who come by the edge, at a stretch. */
  readonly downMs: number
  /** Share of all acknowledged orders that did not come to their end. */
  readonly stuck: number
}

/** The worst first. What reaches none of them is P5. */
export const gradeThresholds = {
  P0: { orderLoss: 0.5, downMs: 600_000, stuck: 0.1 },
  P1: { orderLoss: 0.2, downMs: 300_000, stuck: 0.03 },
  P2: { orderLoss: 0.05, downMs: 60_000, stuck: 0.01 },
  P3: { orderLoss: 0.01, downMs: 10_000, stuck: 0.001 },
  P4: { orderLoss: 0.001, downMs: 0, stuck: 0 },
} as const satisfies Readonly<Record<string, GradeThreshold>>

export type ThresholdGrade = keyof typeof gradeThresholds

const names = Object.keys(gradeThresholds) as readonly ThresholdGrade[]
const share = z.number().min(0, 'must be 0 or more').max(1, 'must be 1 or less')

const thresholdOf = (grade: ThresholdGrade) => {
  const { orderLoss, downMs, stuck } = gradeThresholds[grade]
  return z
    .strictObject({
      orderLoss: share.default(orderLoss).describe('Share of the orders of five minutes that could not be placed.'),
      downMs: z
        .int()
        .min(0, 'must be 0 or more')
        .default(downMs)
        .describe('For so long at a stretch a zone’s shards were not served.'),
      stuck: share.default(stuck).describe('Share of the acknowledged orders that did not come to their end.'),
    })
    .prefault({})
    .describe(`What is ${grade}, or worse.`)
}

/** `grades` of ezone.yaml: a worse grade never begins before a better one. */
export const gradesSchema = z
  .strictObject({
    P0: thresholdOf('P0'),
    P1: thresholdOf('P1'),
    P2: thresholdOf('P2'),
    P3: thresholdOf('P3'),
    P4: thresholdOf('P4'),
  })
  .superRefine((grades, context) => {
    for (const [index, worse] of names.entries()) {
      const better = names[index + 1]
      if (better === undefined) continue
      for (const axis of ['orderLoss', 'downMs', 'stuck'] as const)
        if (grades[worse][axis] < grades[better][axis])
          context.addIssue({
            code: 'custom',
            path: [worse, axis],
            message: `must be no less than that of ${better}, which is ${grades[better][axis]}`,
          })
    }
  })
  .prefault({})
  .describe('From what on a drill is graded so, by its worst axis. See docs/guide/drills.md.')
