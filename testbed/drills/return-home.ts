import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type RoutingTable } from '@ezone/sdk/model'
import type { RunSwitchOptions } from '../failover/run-switch.ts'
import { moveGlobal } from '../gzs/global-move.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
import { userText } from '../gzs/user.ts'

/** Shards that shall go from one zone to another. */
export interface Return {
  readonly from: string
  readonly to: string
  readonly shards: readonly number[]
}

/** What has to move so that every shard is where it was. Pure. */
export function returnsOf(before: RoutingTable, now: RoutingTable): readonly Return[] {
  const homes = new Map(before.shards.map(({ shard, zone }) => [shard, zone]))
  const away = now.shards.flatMap(({ shard, zone }) => {
    const home = homes.get(shard)
    return home === undefined || home === zone ? [] : [{ shard, from: zone, to: home }]
  })
  return [...Map.groupBy(away, ({ from, to }) => `${from} ${to}`).values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ from: first.from, to: first.to, shards: group.map(({ shard }) => shard) }]
  })
}

export type Switching = (options: Omit<RunSwitchOptions, 'name' | 'why'>) => Promise<void>

/** Moves shards back, planned. Locked ones too: by then a person would have been asked, and a drill has none. */
export const returnShards = ({ from, to, shards }: Return, switching: Switching, signal: AbortSignal): Promise<void> =>
  untilTaken(
    () => switching({ from, to, shards, mode: 'planned', preflight: 'none', allowLocked: true, signal }),
    signal,
  )

/** Lets the zone that took the writes of the Global Zone before take them again. */
export async function returnGlobal(to: string, gzs: GzsClient, why: string, signal: AbortSignal): Promise<void> {
  const request = { to, mode: 'planned', who: userText(), why, acceptLoss: false } as const
  await untilTaken(() => moveGlobal({ gzs, request, signal }), signal)
}

/** What a takeover left in doubt, or a server that is just back, keeps things from going back for a while. */
const againMs = 2_000

async function untilTaken(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (!EzoneError.is(error) || !error.retryable || signal.aborted) throw error
      await sleep(againMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) throw error
    }
  }
}
