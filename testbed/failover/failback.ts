import { EzoneError } from '@ezone/sdk/errors'
import { findGzs } from '../gzs/find-gzs.ts'
import { type GlobalOfSwitch, globalNow } from '../gzs/global-of-switch.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
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
  const gzs = await findGzs(name)
  const away = awayFromHome(blueprint, await gzs.table(signal), home)
  // Of several zones that have some of them one is asked; the same command then finds the others.
  const from = away[0]?.zone ?? zones.find((zone) => zone !== home) ?? home
  const shards = away.filter(({ zone }) => zone === from).map(({ shard }) => shard)
  const global = await globalAway(gzs, { home, globalHome: blueprint.globalMaster, signal })
  if (shards.length > 0) {
    const switched = await runSwitch({ ...options, from, to: home, mode: 'planned', shards, preflight: 'rows' })
    return { ...switched, global }
  }
  const { nothingToMove } = await import('./switch-result.ts')
  return {
    ...nothingToMove({ from, to: home, mode: 'planned' }),
    clientErrors: null,
    longestHoldMs: null,
    global,
  }
}

/** Shards go home, the global master by a command of its own: whoever fails back shall hear where it is. */
async function globalAway(
  gzs: GzsClient,
  { home, globalHome, signal }: { readonly home: string; readonly globalHome: string; readonly signal: AbortSignal },
): Promise<GlobalOfSwitch | null> {
  if (home !== globalHome) return null
  const master = (await globalNow(gzs, signal))?.master ?? home
  if (master === home) return null
  return {
    outcome: 'stayed',
    gapMs: null,
    covered: null,
    reason: `${master} took it over, and a failback moves shards`,
  }
}
