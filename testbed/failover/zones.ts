import { EzoneError } from '@ezone/sdk/errors'
import type { RoutingTable } from '@ezone/sdk/model'
import type { Blueprint } from '../topology/blueprint.ts'

/** Where the shards of a zone go. @throws EZ_UNKNOWN_ZONE; EZ_USAGE where it must be said */
export function targetOf({ zones }: Pick<Blueprint, 'zones'>, from: string, to: string | undefined): string {
  const names = zones.map(({ name }) => name)
  for (const zone of [from, ...(to === undefined ? [] : [to])])
    if (!names.includes(zone)) throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${zone}: ${names.join(', ')}`)
  const others = names.filter((name) => name !== from)
  const [only] = others
  if (to === from) throw new EzoneError('EZ_USAGE', `${from} has its own shards already: name another zone with --to`)
  if (to !== undefined) return to
  if (only === undefined || others.length > 1)
    throw new EzoneError(
      'EZ_USAGE',
      `where shall the shards of ${from} go? Name a zone with --to: ${others.join(', ')}`,
    )
  return only
}

/** Shards that a zone serves now. */
export const servedBy = ({ shards }: RoutingTable, zone: string): readonly number[] =>
  shards.filter((entry) => entry.zone === zone).map(({ shard }) => shard)

/** Shards whose home a zone is, and that another one serves: with that one. */
export function awayFromHome(
  { shards: homes }: Pick<Blueprint, 'shards'>,
  { shards }: RoutingTable,
  home: string,
): readonly { readonly shard: number; readonly zone: string }[] {
  return shards.flatMap(({ shard, zone }) => (homes[shard] === home && zone !== home ? [{ shard, zone }] : []))
}
