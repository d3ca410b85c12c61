import {
  type Decider,
  EzoneError,
  hopsMax,
  type InternalTag,
  type ServiceClass,
  type ShardState,
  type TableIndex,
} from '@ezone/sdk'
import type { ServiceCall } from './service-call.ts'

/** Where a call goes, and what the next hop is told of it. */
export interface Destination {
  readonly zone: string
  readonly shard: number
  readonly cell: number
  readonly epoch: number
  readonly state: ShardState
  /** An id, a position, `fallback`; `call` where the call it is part of decided, `home` where the service lives. */
  readonly rule: string
}

/** A service as found: what it is, and a zone that has it. */
export interface Found {
  readonly class: ServiceClass
  readonly zone: string
}

/**
 * Where a call goes by this table. A multi-active service is called in the zone of the shard; every other one where it
 * was found, and the shard is only told.
 * @throws EZ_NO_ROUTE; EZ_STALE_EPOCH where the caller's table is older than ours and led it to the wrong zone
 */
export function destination(
  { tag, parent, hops }: Pick<ServiceCall, 'tag' | 'parent' | 'hops'>,
  found: Found,
  own: string,
  decider: Pick<Decider, 'decide'>,
  table: TableIndex,
): Destination {
  const by = tag === undefined && parent !== undefined ? ofParent(parent, table) : decider.decide(tag, table)
  const { shard, cell, epoch, state, rule } = by
  if (found.class !== 'multi-active') return { zone: found.zone, shard, cell, epoch, state: 'ACTIVE', rule: 'home' }
  if (by.zone !== own && hops >= hopsMax && tag === undefined && parent !== undefined && parent.epoch < epoch)
    throw new EzoneError(
      'EZ_STALE_EPOCH',
      `the call came under epoch ${parent.epoch} of shard ${shard}, which is ${by.zone}'s since epoch ${epoch}`,
    )
  return { zone: by.zone, shard, cell, epoch, state, rule }
}

/** The newer of what the caller knew and what we know: an epoch only rises. */
function ofParent(parent: InternalTag, table: TableIndex): Destination {
  const { zone, epoch, state } = table.shard(parent.shard)
  const { shard, cell } = parent
  return parent.epoch > epoch
    ? { zone: parent.zone, shard, cell, epoch: parent.epoch, state: 'ACTIVE', rule: 'call' }
    : { zone, shard, cell, epoch, state, rule: 'call' }
}
