import { createHash } from 'node:crypto'
import { type ErrorCode, EzoneError } from '../model/index.ts'
import { multiActive } from './multi-active.ts'
import { isDuplicate } from './outcome.ts'
import { quotedName } from './sql.ts'
import type { Tx, WriteClaim } from './types.ts'
import type { ZoneDatabase } from './zone-database.ts'

/** What a change answered: the thing as it is now, and the version of its row. */
export interface Outcome<T> {
  readonly body: T
  /** `drc_ver` after the write. */
  readonly version: string
}

export interface Done<T> extends Outcome<T> {
  /** True where the request had been done before: this is the answer it got then. */
  readonly repeated: boolean
}

/** A change that is asked for: under which shard and epoch, by which key, and what it is. */
export interface KeyedRequest {
  readonly claim: WriteClaim
  readonly requestKey: string | null
  /** As text; of it a digest is kept: a key that comes with something else is refused. */
  readonly asked: string
  readonly nowMs: number
}

/** Where a service keeps the keys of its requests. */
export interface RequestTable {
  /** `schema.table`, made by `requestTable`. */
  readonly table: string
  /** Refusals of its own that a request may meet because it was done before. */
  readonly doneAlready?: readonly ErrorCode[]
  /** What a key is refused with that comes with another request; EZ_BAD_REQUEST by default. */
  readonly mixedUp?: ErrorCode
}

/** What was answered to a request that carried a key. The same key in the same shard is the same request: the row. */
export const requestTable = (table: string): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS ${quotedName(table)} (
    shard SMALLINT UNSIGNED NOT NULL,
    request_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    epoch BIGINT UNSIGNED NOT NULL,
    asked CHAR(64) CHARACTER SET ascii NOT NULL,
    answer VARCHAR(4000) NOT NULL,
    version BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (shard, request_key)
  )`,
  ...multiActive(table, ['shard', 'request_key']),
]

/**
 * Does a change in one transaction under the fence of its shard, once however often its key is repeated. The answer is
 * kept in the same transaction; so whoever asks again, also in the zone the shard has moved to, gets the same one.
 *
 * Nobody looks for the key first: nearly every request is new, and each statement costs a round trip. A repeated one finds
 * its thing done, or its key taken, and all it has written is rolled back.
 *
 * @throws EZ_BAD_REQUEST, or what the table says, where the key belongs to another request; whatever `work` and the fence
 *   refuse
 */
export async function once<T>(
  db: Pick<ZoneDatabase, 'write' | 'read'>,
  keys: RequestTable,
  request: KeyedRequest,
  work: (tx: Tx) => Promise<Outcome<T>>,
): Promise<Done<T>> {
  const { claim, requestKey, nowMs } = request
  if (requestKey === null) return { ...(await db.write(claim, work)), repeated: false }
  const asked = createHash('sha256').update(request.asked).digest('hex')
  try {
    return await db.write(claim, async (tx) => {
      const outcome = await work(tx)
      const { body, version } = outcome
      await tx.insert(keys.table, {
        request_key: requestKey,
        asked,
        answer: JSON.stringify(body),
        version,
        created_at: new Date(nowMs),
      })
      return { ...outcome, repeated: false }
    })
  } catch (error) {
    const kept = await keptBefore(db, keys, { shard: claim.shard, requestKey }, error)
    if (kept.asked === asked) return { body: JSON.parse(kept.answer) as T, version: kept.version, repeated: true }
    throw new EzoneError(keys.mixedUp ?? 'EZ_BAD_REQUEST', `the request key ${requestKey} belongs to another request`)
  }
}

interface Kept {
  readonly asked: string
  readonly answer: string
  readonly version: string
}

/** @throws the error itself where it says nothing of the same request */
async function keptBefore(
  db: Pick<ZoneDatabase, 'read'>,
  { table, doneAlready = [] }: RequestTable,
  { shard, requestKey }: { readonly shard: number; readonly requestKey: string },
  error: unknown,
): Promise<Kept> {
  const mayBeKept = isDuplicate(error) || (EzoneError.is(error) && doneAlready.includes(error.code))
  if (!mayBeKept) throw error
  const find = `SELECT asked, answer, version FROM ${quotedName(table)} WHERE shard = ? AND request_key = ?`
  const [kept] = await db.read<Kept>(find, [shard, requestKey])
  if (kept === undefined) throw error
  return kept
}
