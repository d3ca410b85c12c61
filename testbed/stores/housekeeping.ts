import { EzoneError } from '@ezone/sdk/errors'
import { type MysqlSpec, portOf, type Spec } from '../topology/blueprint.ts'
import type { Credentials } from './credentials.ts'
import { limits } from './limits.ts'

/** A binlog file, oldest first in every list. */
export interface Binlog {
  readonly name: string
  readonly bytes: number
}

/**
 * The oldest file to keep so that no more than `bytesMax` is kept; null where nothing has to go. The newest file is being
 * written and always stays.
 */
export function firstToKeep(binlogs: readonly Binlog[], bytesMax: number): string | null {
  let kept = 0
  let first = binlogs.length - 1
  for (let at = binlogs.length - 1; at >= 0; at--) {
    kept += binlogs[at]?.bytes ?? 0
    if (kept > bytesMax) break
    first = at
  }
  return first <= 0 ? null : (binlogs[first]?.name ?? null)
}

/** What housekeeping found at one server, and what it left. */
export type Kept =
  | { readonly spec: string; readonly bytesBefore: number; readonly bytesAfter: number }
  | { readonly spec: string; readonly error: string }

export interface HousekeepingOptions {
  readonly credentials: Credentials
  readonly signal: AbortSignal
  /** Per server. */
  readonly bytesMax?: number
}

/**
 * Keeps the binlogs of every MySQL under a limit. The other stores look after themselves by their configuration. A file
 * that a connected reader is at, or has before it, is never taken: MySQL itself leaves it, however full the disk.
 * A server that does not answer has its error in the result and holds up nobody.
 */
export function keepHouse(specs: readonly Spec[], options: HousekeepingOptions): Promise<readonly Kept[]> {
  const servers = specs.filter((spec): spec is MysqlSpec => spec.kind === 'mysql')
  return Promise.all(
    servers.map((spec) =>
      purge(spec, options).catch((error: unknown) => {
        options.signal.throwIfAborted()
        return { spec: spec.id, error: error instanceof Error ? error.message : String(error) }
      }),
    ),
  )
}

/** A purge waits for no lock worth the name; one that takes longer is left to the next round. */
const purgeMsMax = 10_000

async function purge(spec: MysqlSpec, options: HousekeepingOptions): Promise<Kept> {
  const address = portOf(spec, 'client')?.host
  if (address === undefined) throw new EzoneError('EZ_BUG', `${spec.id} has no client port`)
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ ...address, ...options.credentials.mysql.root, connectTimeout: 2_000 })
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(purgeMsMax)])
  const cut = () => connection.destroy()
  limit.addEventListener('abort', cut, { once: true })
  try {
    const list = async (): Promise<readonly Binlog[]> => {
      const [rows] = await connection.query('SHOW BINARY LOGS')
      return (rows as { Log_name: string; File_size: number }[]).map((row) => ({
        name: row.Log_name,
        bytes: row.File_size,
      }))
    }
    const before = await list()
    const first = firstToKeep(before, options.bytesMax ?? limits.binlogBytesMax)
    if (first !== null) await connection.query('PURGE BINARY LOGS TO ?', [first])
    const after = first === null ? before : await list()
    return { spec: spec.id, bytesBefore: total(before), bytesAfter: total(after) }
  } finally {
    limit.removeEventListener('abort', cut)
    connection.destroy()
  }
}

const total = (binlogs: readonly Binlog[]) => binlogs.reduce((sum, { bytes }) => sum + bytes, 0)
