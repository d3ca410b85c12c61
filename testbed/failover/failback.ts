import { EzoneError } from '@ezone/sdk/errors'
import { findGzs } from '../gzs/find-gzs.ts'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { type RunSwitchOptions, runSwitch, type Switched } from './run-switch.ts'
import { awayFromHome } from './zones.ts'

export interface FailbackOptions
  extends Pick<RunSwitchOptions, 'name' | 'signal' | 'onStep' | 'onBegun' | 'why' | 'canary' | 'allowLocked'> {
  /** The zone that gets its shards back: those that the topology gives it. */
  readonly home: string
}

/**
 * Moves what is a zone's by the topology back to it: a planned switch, once the zones are equal.
 * @throws EZ_UNKNOWN_ZONE, EZ_SWITCH_REFUSED, EZ_NOT_SETTLED and what else keeps a planned switch from beginning
 */
export async function runFailback({ home, ...options }: FailbackOptions): Promise<Switched> {
  const { name, signal } = options
  const { blueprint } = await openTestbed(folders().state, name)
  const zones = blueprint.zones.map((zone) => zone.name)
  if (!zones.includes(home)) throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${home}: ${zones.join(', ')}`)
  const away = awayFromHome(blueprint, await (await findGzs(name)).table(signal), home)
  // Of several zones that have some of them one is asked; the same command then finds the others.
  const from = away[0]?.zone ?? zones.find((zone) => zone !== home) ?? home
  const shards = away.filter(({ zone }) => zone === from).map(({ shard }) => shard)
  if (shards.length > 0)
    return await runSwitch({ ...options, from, to: home, mode: 'planned', shards, preflight: 'rows' })
  const { nothingToMove } = await import('./switch-result.ts')
  return {
    ...nothingToMove({ from, to: home, mode: 'planned' }),
    clientErrors: null,
    longestHoldMs: null,
    global: null,
  }
}
