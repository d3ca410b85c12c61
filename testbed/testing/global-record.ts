import { type GlobalMove, globalZoneSchema } from '@ezone/sdk/model'

/** The Global Zone as the first keeper writes it. */
export const firstGlobalZone = globalZoneSchema.parse({ master: 'bj', epoch: 1 })

/** A planned move of its master from bj to sh, before its first step. */
export const plannedGlobalMove: GlobalMove = {
  id: 'm',
  from: 'bj',
  to: 'sh',
  mode: 'planned',
  who: 'ann',
  why: 'bj is left',
  covered: true,
  steps: [],
  barrier: null,
  expiresAtMs: 1_000,
  controller: 'edge-1',
  outcome: null,
  endedAtMs: null,
  reason: null,
}
