import type { RowImage } from '@ezone/sdk/model'
import type { RowKey } from '../../src/drc/core/types.ts'
import { stamp } from './stamp.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** Whose triggers: the zone's number, its clock as SYSDATE(6) reads it, in microseconds, and how they are misbuilt. */
export interface TriggerSite {
  readonly zone: number
  readonly nowUs: () => bigint
  readonly flaw: 'plain-read' | 'wall-clock' | undefined
}

/** How a session goes about it. */
export interface Pace {
  /** Waits as a statement may, between what it reads and what it writes. */
  readonly moment: () => Promise<void>
  /** Does what may have to wait for a lock. */
  readonly locked: <T>(step: () => T) => Promise<T>
}

interface Touched {
  readonly key: RowKey
  readonly site: TriggerSite
}

/** What the triggers of a multi-active table do around an INSERT in a session without a tag; gives the version. */
export async function stampedInsert(
  open: StoreTransaction,
  { key, image, site }: Touched & { readonly image: RowImage },
  { moment, locked }: Pace,
): Promise<bigint> {
  const read = () => (site.flaw === 'plain-read' ? open.peek(key).tombstone : open.tombstoneForShare(key))
  const ver = given(site, await locked(read))
  await moment()
  await locked(() => open.insert(key, { ...image, drc_ver: String(ver) }))
  return ver
}

/** The same around an UPDATE; the row is locked. */
export function stampedUpdate(
  open: StoreTransaction,
  { key, image, site }: Touched & { readonly image: RowImage },
): bigint {
  const ver = given(site, open.peek(key).ver)
  open.update(key, { ...image, drc_ver: String(ver) })
  return ver
}

/** The same around a DELETE; the row is locked. */
export async function stampedDelete(
  open: StoreTransaction,
  { key, site }: Touched,
  { moment, locked }: Pace,
): Promise<bigint> {
  const ver = given(site, open.peek(key).ver)
  open.delete(key)
  await moment()
  await locked(() => open.bury(key, ver))
  return ver
}

const given = ({ nowUs, zone, flaw }: TriggerSite, seen: bigint) =>
  stamp({ nowUs: nowUs(), seen: flaw === 'wall-clock' ? 0n : seen, zone })
