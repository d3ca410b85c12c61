import { findGzs } from '../gzs/find-gzs.ts'
import { globalNow } from '../gzs/global-of-switch.ts'
import { openTestbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { lostNow, type NotArrived } from './acknowledged.ts'
import { lookAround } from './look.ts'
import { redOf } from './preflight.ts'
import { targetOf } from './zones.ts'

/** `data` of `failover plan`: a contract, fields are only ever added. */
export interface SwitchPlan {
  readonly from: string
  readonly to: string
  /** What would move, each with what a hard switch would leave behind at this moment. */
  readonly shards: readonly NotArrived[]
  readonly lostOrders: number
  /** False where not every router or database could tell. */
  readonly complete: boolean
  /** What keeps a planned switch from beginning now. */
  readonly red: readonly string[]
  /** How far the target is behind, and since when at most; null where nobody knows. */
  readonly behind: number | null
  readonly ageMs: number | null
  /** Shards that were taken, and of which more may be on its way: no planned switch moves them. */
  readonly unsettled: readonly number[]
  /** The global master, where it sits in the zone that would be left: it would move too. */
  readonly global: GlobalPlan | null
}

export interface GlobalPlan {
  readonly master: string
  /** True where the zone that would take over has all that is acknowledged, also after a hard switch. */
  readonly covered: boolean
}

/** What a switch would move now, and what it would lose. Changes nothing. @throws EZ_UNKNOWN_ZONE, EZ_ZONE_UNREACHABLE */
export async function planSwitch(
  name: string,
  from: string,
  wantedTo: string | undefined,
  signal: AbortSignal,
): Promise<SwitchPlan> {
  const testbed = await openTestbed(folders().state, name)
  const to = targetOf(testbed.blueprint, from, wantedTo)
  const gzs = await findGzs(name)
  const entries = (await gzs.table(signal)).shards.filter(({ zone }) => zone === from)
  const shards = entries.map(({ shard }) => shard)
  const [findings, lost, unsettled, global] = await Promise.all([
    lookAround(testbed, { from, to, shards, compare: false, signal }),
    lostNow(testbed, entries, to, signal),
    gzs.unsettled(signal),
    globalNow(gzs, signal),
  ])
  const lane = findings.lanes.find(({ role, source, zone }) => role === 'applier' && source === from && zone === to)
  return {
    from,
    to,
    shards: lost.shards,
    lostOrders: lost.shards.reduce((sum, { orders }) => sum + orders.length, 0),
    complete: lost.complete,
    red: redOf(findings),
    behind: lane?.behind ?? null,
    ageMs: lane?.ageMs ?? null,
    unsettled: unsettled.filter((shard) => shards.includes(shard)),
    global: global?.master === from ? { master: global.master, covered: global.covered } : null,
  }
}
