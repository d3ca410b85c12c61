import type { RowImage } from '@ezone/sdk/model'
import type { RowKey } from '../../src/drc/core/types.ts'
import { stamp } from './stamp.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** Whose triggers: the zone's number, and its clock as SYSDATE(6) reads it, in microseconds. */
export interface TriggerSite {
  readonly zone: number
  readonly nowUs: () => bigint
}

/** Waits as a statement may, between what it reads and what it writes. */
type Moment = () => Promise<void>

/** What the triggers of a multi-active table do around an INSERT in a session without a tag; gives the version. */
export async function stampedInsert(
  open: StoreTransaction,
  { key, image, site }: { readonly key: RowKey; readonly image: RowImage; readonly site: TriggerSite },
  moment: Moment,
): Promise<bigint> {
  const ver = stamp({ nowUs: site.nowUs(), seen: open.tombstoneForShare(key), zone: site.zone })
  await moment()
  open.insert(key, { ...image, drc_ver: String(ver) })
  return ver
}

/** The same around an UPDATE; the row is locked. */
export function stampedUpdate(
  open: StoreTransaction,
  { key, image, site }: { readonly key: RowKey; readonly image: RowImage; readonly site: TriggerSite },
): bigint {
  const ver = stamp({ nowUs: site.nowUs(), seen: open.peek(key).ver, zone: site.zone })
  open.update(key, { ...image, drc_ver: String(ver) })
  return ver
}

/** The same around a DELETE; the row is locked. */
export async function stampedDelete(
  open: StoreTransaction,
  { key, site }: { readonly key: RowKey; readonly site: TriggerSite },
  moment: Moment,
): Promise<bigint> {
  const ver = stamp({ nowUs: site.nowUs(), seen: open.peek(key).ver, zone: site.zone })
  open.delete(key)
  await moment()
  open.bury(key, ver)
  return ver
}
