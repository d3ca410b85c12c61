import { createHash } from 'node:crypto'
import { type ErrorCode, EzoneError } from '@ezone/sdk'
import { isDuplicate, type Tx, type ZoneDatabase } from '@ezone/sdk/dal'
import type { Asker } from './request.ts'
import { tables } from './tables.ts'

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

/**
 * Does a change in one transaction under the fence of its shard, once however often its key is repeated. The answer is
 * kept in the same transaction; so whoever asks again, also in the zone the shard has moved to, gets the same one.
 *
 * Nobody looks for the key first: nearly every request is new, and each statement costs a round trip. A repeated one finds
 * its thing done, or its key taken, and all it has written is rolled back.
 *
 * @param asked what is asked for, as text; of it a digest is kept: a key that comes with something else is refused
 * @throws EZ_BAD_ORDER where the key belongs to another request; whatever `work` and the fence refuse
 */
export async function once<T>(
  db: ZoneDatabase,
  request: Asker & { readonly asked: string; readonly nowMs: number },
  work: (tx: Tx) => Promise<Outcome<T>>,
): Promise<Done<T>> {
  const { claim, requestKey, nowMs } = request
  if (requestKey === null) return { ...(await db.write(claim, work)), repeated: false }
  const asked = createHash('sha256').update(request.asked).digest('hex')
  const key = { shard: claim.shard, request_key: requestKey }
  try {
    return await db.write(claim, async (tx) => {
      const outcome = await work(tx)
      const { body, version } = outcome
      await tx.insert(tables.requests, {
        request_key: requestKey,
        asked,
        answer: JSON.stringify(body),
        version,
        created_at: new Date(nowMs),
      })
      return { ...outcome, repeated: false }
    })
  } catch (error) {
    return again<T>(await keptBefore(db, key, error), requestKey, asked)
  }
}

interface Kept {
  readonly asked: string
  readonly answer: string
  readonly version: string
}

const find = `SELECT asked, answer, version FROM ${tables.requests} WHERE shard = ? AND request_key = ?`

/** What a request is refused with that was done before, by itself or beside this one. */
const doneAlready: ReadonlySet<ErrorCode> = new Set(['EZ_BAD_TRANSITION', 'EZ_ORDER_LOCKED', 'EZ_RIDER_BUSY'])

/** @throws the error itself where it says nothing of the same request */
async function keptBefore(
  db: ZoneDatabase,
  key: { readonly shard: number; readonly request_key: string },
  error: unknown,
): Promise<Kept> {
  const mayBeKept = isDuplicate(error) || (EzoneError.is(error) && doneAlready.has(error.code))
  if (!mayBeKept) throw error
  const [kept] = await db.read<Kept>(find, [key.shard, key.request_key])
  if (kept === undefined) throw error
  return kept
}

function again<T>({ asked: before, answer, version }: Kept, requestKey: string, asked: string): Done<T> {
  if (before !== asked) throw new EzoneError('EZ_BAD_ORDER', `the request key ${requestKey} belongs to another request`)
  return { body: JSON.parse(answer) as T, version, repeated: true }
}
