import { type TapChange, versionZone } from '@ezone/sdk/model'
import type { DrcDoor } from '../drc/find-drc.ts'
import { tap } from '../drc/tap.ts'

/** What a zone's change log has of a stretch of time. */
export interface LoggedChanges {
  /** Transactions, `uuid:gno`. */
  readonly transactions: ReadonlySet<string>
  /** Changes that stand in it again, or that another zone has made. */
  readonly repeated: number
}

export interface LoggedOptions {
  readonly doors: readonly DrcDoor[]
  readonly zone: string
  /** Number of the zone: in the low bits of what it makes. */
  readonly number: number
  /** Transactions of the stretch, by their server's number: later ones than this. */
  readonly after: { readonly uuid: string; readonly gno: number }
  readonly signal: AbortSignal
}

/** A log that has told nothing for so long has been read to its end. */
const quietMs = 2_500
const readMs = 60_000

/** Reads a zone's change log from its oldest record on. @throws EZ_DRC_UNKNOWN */
export async function loggedChanges({ doors, zone, number, after, signal }: LoggedOptions): Promise<LoggedChanges> {
  const quiet = new AbortController()
  const until = AbortSignal.any([signal, quiet.signal, AbortSignal.timeout(readMs)])
  const transactions = new Set<string>()
  const seen = new Set<string>()
  let repeated = 0
  const rest = () => setTimeout(() => quiet.abort(), quietMs)
  let timer = rest()
  try {
    for await (const change of tap({ doors, zones: [zone], from: 'start', until })) {
      clearTimeout(timer)
      timer = rest()
      const isForeign = versionZone(BigInt(change.ver)) !== number
      // What came back was made before, maybe long ago; it is none of this server's transactions of then.
      if (change.uuid === after.uuid && change.gno <= after.gno) continue
      const id = changeId(change)
      if (seen.has(id) || isForeign) repeated++
      seen.add(id)
      transactions.add(`${change.uuid}:${change.gno}`)
    }
  } finally {
    clearTimeout(timer)
  }
  return { transactions, repeated }
}

/** One row, key and version together: a version is given once, and to one row. */
const changeId = ({ table, ver, op, before, after }: TapChange): string =>
  `${table} ${ver} ${op} ${JSON.stringify(keyOf(before ?? after ?? {}))}`

/** Keys of our tables, whatever else is in a row. */
const keyColumns = ['order_id', 'merchant_id', 'rider_id', 'shard', 'request_key', 'k'] as const
const keyOf = (row: Readonly<Record<string, unknown>>) => keyColumns.map((name) => row[name] ?? null)
