import ZongJi, { type AnyBinlogEvent, type BinlogEventByName, type BinlogEventName } from '@vlasky/zongji'
import type { RowDataPacket } from 'mysql2/promise'
import type { MysqlDoor } from '../drc/find-drc.ts'
import { asking } from './own-tables.ts'

/** What a zone's binlog has of a stretch of time, row by row. */
export interface BinlogChanges {
  /** Transactions made here that touch replicated tables: `uuid:gno`. */
  readonly own: ReadonlySet<string>
  /** By the zone whose changes they are: rows that were written here again with the very version they had before. */
  readonly twice: ReadonlyMap<string, number>
}

/** As which replica the ledger connects; the relays have numbers of their own. */
const serverIdBase = 30_000
const readMs = 60_000
/** A server that has come to the end of its binlog says nothing. */
const quietMs = 3_000
/** A transaction with this tag is one that an applier made, of the changes of the zone behind it (ADR 0019). */
const appliedTag = /^drc_(.+)$/

/** Where a zone's binlog ends now; changes from here on are read with it. @throws where the database does not answer */
export function binlogEnd(door: MysqlDoor): Promise<string> {
  return asking(door, async (ask) => {
    const [row] = await ask('SELECT @@GLOBAL.gtid_executed AS executed')
    return String(row?.executed).replace(/\s/g, '')
  })
}

/**
 * Reads what a zone's binlog has from somewhere on: beside replication, which reads the same for its own ends.
 * @param from as `binlogEnd` told it
 * @throws where the server does not answer, or not in time
 */
export async function binlogChanges(door: MysqlDoor, from: string): Promise<BinlogChanges> {
  const [end] = await asking<readonly RowDataPacket[]>(door, (ask) => ask('SHOW BINARY LOG STATUS'))
  const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true } as const
  const reader = new ZongJi({ ...door.mysql, ...exact, connectTimeout: 2_000 })
  const { promise: read, resolve, reject } = Promise.withResolvers<void>()
  const count = new Count()
  let file = ''
  let quiet = setTimeout(resolve, quietMs)
  const limit = setTimeout(() => reject(new Error(`the binlog of ${door.zone} was not read in time`)), readMs)
  reader.on('error', (error: Error) => reject(error))
  reader.on('binlog', (event) => {
    clearTimeout(quiet)
    quiet = setTimeout(resolve, quietMs)
    if (is(event, 'rotate')) file = event.binlogName
    else count.take(event)
    if (file === String(end?.File) && event.nextPosition >= Number(end?.Position)) resolve()
  })
  try {
    reader.start({
      serverId: serverIdBase + door.number,
      gtidSet: from,
      includeEvents: ['rotate', 'gtid', 'tablemap', 'writerows', 'updaterows', 'deleterows', 'xid', 'query'],
      excludeSchema: { ezone: true, ezone_drc: true, mysql: true, sys: true },
    })
    await read
  } finally {
    clearTimeout(quiet)
    clearTimeout(limit)
    reader.stop()
  }
  return count
}

interface Table {
  readonly name: string
  readonly key: readonly string[]
}

type Row = Readonly<Record<string, unknown>>

class Count implements BinlogChanges {
  readonly own = new Set<string>()
  readonly twice = new Map<string, number>()
  readonly #applied = new Set<string>()
  readonly #tables = new Map<number, Table>()
  #transaction = ''
  #source: string | null = null

  take(event: AnyBinlogEvent): void {
    if (is(event, 'gtid')) {
      this.#transaction = `${event.sid}:${event.gno}`
      this.#source = appliedTag.exec(event.tag ?? '')?.[1] ?? null
    } else if (is(event, 'tablemap')) this.#describe(event)
    else if (is(event, 'writerows')) this.#rows(event.tableId, event.rows)
    else if (is(event, 'updaterows'))
      this.#rows(
        event.tableId,
        event.rows.map(({ after }) => after),
      )
    else if (is(event, 'deleterows')) this.#rows(event.tableId, [])
  }

  #describe(event: BinlogEventByName<'tablemap'>): void {
    const columns = event.columnNames ?? []
    const key = (event.primaryKey ?? []).flatMap((index) => columns[index] ?? [])
    if (columns.includes('drc_ver'))
      this.#tables.set(event.tableId, { name: `${event.schemaName}.${event.tableName}`, key })
    else this.#tables.delete(event.tableId)
  }

  #rows(tableId: number, rows: readonly Row[]): void {
    const table = this.#tables.get(tableId)
    if (table === undefined) return
    if (this.#source === null) {
      this.own.add(this.#transaction)
      return
    }
    for (const row of rows) {
      const written = [table.name, ...table.key.map((name) => row[name]), row.drc_ver].join('\x1f')
      if (this.#applied.has(written)) this.twice.set(this.#source, (this.twice.get(this.#source) ?? 0) + 1)
      this.#applied.add(written)
    }
  }
}

function is<N extends BinlogEventName>(event: AnyBinlogEvent, name: N): event is BinlogEventByName<N> {
  return event.getEventName() === name
}
