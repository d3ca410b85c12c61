import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError } from '@ezone/sdk/model'
import { drcFacts } from '../drc/facts.ts'
import { type Lane, lanesOf } from '../drc/lanes.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
import type { Testbed } from '../session/testbed.ts'

const lookMs = 500
/** A change that is on its way under load is younger than this, also on a busy machine. */
const ageMsMax = 2_000
/** Looks in a row that must find nobody behind: what is made anew a moment after a heal is not missed. */
const looksWanted = 3

export interface SettledOptions {
  readonly testbed: Pick<Testbed, 'blueprint' | 'credentials'>
  readonly gzs: Pick<GzsClient, 'unsettled'>
  readonly clock: Clock
  readonly limitMs: number
  readonly signal: AbortSignal
}

/**
 * Waits until every lane of the replication runs, none is behind, and no shard that was taken is in doubt any more.
 * Returns what it still waits for where the time was too short.
 */
export async function untilSettled(options: SettledOptions): Promise<string | null> {
  const { clock, limitMs, signal } = options
  const untilMs = clock.monotonicMs() + limitMs
  for (let good = 0; ; ) {
    const waits = await whatWaits(options)
    good = waits.length === 0 ? good + 1 : 0
    if (good >= looksWanted) return null
    if (clock.monotonicMs() >= untilMs) return waits.join('; ') || 'it was behind a moment ago'
    await sleep(lookMs, undefined, { signal })
  }
}

async function whatWaits({ testbed, gzs, clock, signal }: SettledOptions): Promise<readonly string[]> {
  const { blueprint, credentials } = testbed
  const [facts, unsettled] = await Promise.all([
    drcFacts({ blueprint, credentials, clock, signal }),
    gzs.unsettled(signal).catch((error: unknown) => {
      if (EzoneError.is(error)) return error
      throw error
    }),
  ])
  if (EzoneError.is(unsettled)) return [...lanesBehind(lanesOf(facts)), `GZS does not tell: ${unsettled.message}`]
  const taken = unsettled.length === 0 ? [] : [`${unsettled.length} shards that were taken are not settled`]
  return [...lanesBehind(lanesOf(facts)), ...taken]
}

/** In words: every lane that stands still or is behind. Pure. */
export function lanesBehind(lanes: readonly Lane[]): readonly string[] {
  return lanes.flatMap(({ role, source, zone, state, ageMs, behind }) => {
    const name = role === 'relay' ? `the log of ${source}` : `the replication from ${source} to ${zone}`
    if (state !== 'running') return [`${name} is ${state}`]
    if (behind === null) return [`nobody knows how far ${name} is`]
    return ageMs !== null && ageMs > ageMsMax ? [`${name} is ${Math.round(ageMs / 1_000)} s behind`] : []
  })
}
