import { EzoneError, type RowImage, versionTimeMs } from '@ezone/sdk/model'
import type { AnyBinlogEvent, BinlogEventByName, BinlogEventName, TableMapEntry } from '@vlasky/zongji'
import { isOwn } from '../core/origin.ts'
import { ownRows, tombstoneTable } from '../core/own-rows.ts'
import type { SourceChange, SourceTransaction, TableShape } from '../core/types.ts'
import { limits } from '../limits.ts'
import { hasUnreadableColumn, type ReadRow, rowReader } from './columns.ts'

interface Table {
  readonly name: string
  readonly read: ReadRow
  readonly shape: TableShape | undefined
}

interface Open {
  readonly uuid: string
  readonly gno: number
  readonly own: boolean
  readonly echo: boolean
  readonly atMs: number
  readonly tables: Map<number, Table>
  readonly changes: SourceChange[]
  bytes: number
  begun: boolean
}

/** Makes whole transactions out of the events of a binlog. What it cannot make sense of, it refuses. */
export class TransactionAssembler {
  readonly #zone: number
  readonly #filters: boolean
  #open: Open | null = null

  /**
   * @param zone number of the zone whose binlog this is
   * @param filters false with the planted bug `loop-filter-off`: what an applier wrote goes on, under a server id of its own
   */
  constructor(zone: number, filters = true) {
    this.#zone = zone
    this.#filters = filters
  }

  /** True while the events are of a transaction that an applier wrote: its rows need not be decoded. */
  get foreign(): boolean {
    return this.#open !== null && !this.#open.own
  }

  /**
   * @returns an own transaction with the event that completes it.
   * @throws EZ_DRC_UNDECODABLE, EZ_DRC_UNFIT_TABLE, EZ_DRC_ROW_TOO_LARGE
   */
  take(event: AnyBinlogEvent): SourceTransaction | null {
    if (is(event, 'gtid')) this.#begin(event)
    else if (is(event, 'anonymousgtid')) undecodable('a transaction without a GTID')
    else if (is(event, 'tablemap')) this.#describe(event)
    else if (is(event, 'writerows'))
      this.#rows(event, (row, read) => ({ op: 'insert', before: null, after: read(row) }), event.rows)
    else if (is(event, 'deleterows'))
      this.#rows(event, (row, read) => ({ op: 'delete', before: read(row), after: null }), event.rows)
    else if (is(event, 'updaterows'))
      this.#rows(event, (row, read) => ({ op: 'update', before: read(row.before), after: read(row.after) }), event.rows)
    else if (is(event, 'query')) return this.#query(event.query)
    else if (is(event, 'xid')) return this.#end()
    else if (is(event, 'xaprepare')) undecodable('an XA transaction')
    return null
  }

  #begin({ sid, gno, tag = '', timestamp, gtid }: BinlogEventByName<'gtid'>): void {
    if (this.#open) undecodable(`no end of the transaction before ${gtid}`)
    const echo = !this.#filters && !isOwn(tag)
    const own = echo || isOwn(tag)
    if (own && tag !== '' && !echo) undecodable(`the GTID ${gtid}: its tag is nobody's here`)
    this.#open = {
      // Numbers of a tag are counted by themselves.
      uuid: echo ? sid.replace(/^.{8}/, 'ec00ec00') : sid,
      gno: Number(gno),
      own,
      echo,
      atMs: timestamp,
      tables: new Map(),
      changes: [],
      bytes: 0,
      begun: false,
    }
  }

  #describe(event: BinlogEventByName<'tablemap'>): void {
    const open = this.#open
    if (!open?.own) return
    const name = `${event.schemaName}.${event.tableName}`
    if (hasUnreadableColumn(event.columnTypes)) unfit(name, 'has a column of a type that cannot be carried')
    const entry: TableMapEntry | undefined = event.tableMap[event.tableId]
    if (!event.hasSelfDescribingMetadata() || entry === undefined)
      undecodable(`${name} without its column names: binlog_row_metadata must be FULL`)
    const columns = event.columnNames ?? []
    const key = (event.primaryKey ?? []).flatMap((index) => columns[index] ?? [])
    const fit = name !== tombstoneTable && key.length > 0 && columns.includes('drc_ver')
    open.tables.set(event.tableId, { name, read: rowReader(entry), shape: fit ? { key } : undefined })
  }

  #rows<R>(
    event: BinlogEventByName<'writerows' | 'updaterows' | 'deleterows'>,
    change: (row: R, read: ReadRow) => { op: SourceChange['op']; before: RowImage | null; after: RowImage | null },
    rows: readonly R[],
  ): void {
    const open = this.#open
    if (!open?.own) return
    const table = open.tables.get(event.tableId)
    if (table === undefined) undecodable('rows of a table that was not described')
    if (table.shape === undefined && table.name !== tombstoneTable)
      unfit(table.name, 'has no PRIMARY KEY, or no drc_ver: it is not multi-active')
    if (!isWhole(event)) undecodable(`rows of ${table.name} that lack columns: binlog_row_image must be FULL`)
    open.bytes += event.size
    if (open.bytes > limits.transactionBytesMax)
      throw new EzoneError(
        'EZ_DRC_ROW_TOO_LARGE',
        `the transaction ${open.uuid}:${open.gno} has more than ${limits.transactionBytesMax} bytes of rows`,
      )
    for (const row of rows) open.changes.push({ table: table.name, ...change(row, table.read) })
  }

  /** BEGIN, COMMIT, a savepoint; else a statement: alone it is DDL, inside a transaction it is a change without rows. */
  #query(query: string): SourceTransaction | null {
    const open = this.#open
    if (!open) return null
    if (query === 'BEGIN') {
      open.begun = true
      return null
    }
    if (!open.begun || query === 'COMMIT') return this.#end()
    if (/^(SAVEPOINT|ROLLBACK TO|RELEASE SAVEPOINT|CREATE TABLE)\b/i.test(query.trimStart())) return null
    if (open.own) undecodable('a change logged as a statement: binlog_format must be ROW')
    return null
  }

  #end(): SourceTransaction | null {
    const open = this.#open
    this.#open = null
    if (!open?.own) return null
    const shapes = new Map([...open.tables.values()].map(({ name, shape }) => [name, shape]))
    const zone = open.echo ? null : this.#zone
    const rows = ownRows(open.changes, { zone, shapes: (table) => shapes.get(table) })
    // One that only moves a position would make another one over there, and that one another here.
    if (open.echo && rows.length === 0) return null
    const newest = rows.reduce((max, { ver }) => (BigInt(ver) > max ? BigInt(ver) : max), 0n)
    const trace = rows.map(({ after }) => after?.trace_id).find((id) => typeof id === 'string') ?? null
    return {
      uuid: open.uuid,
      gno: open.gno,
      committedAtMs: newest > 0n ? Math.round(versionTimeMs(newest)) : open.atMs,
      trace: typeof trace === 'string' ? trace : null,
      rows,
    }
  }
}

function is<N extends BinlogEventName>(event: AnyBinlogEvent, name: N): event is BinlogEventByName<N> {
  return event.getEventName() === name
}

/** Every column is in the image; the library would make NULL of one that is not. */
function isWhole(event: object): boolean {
  const { numberOfColumns: columns, ...bitmaps } = event as {
    readonly numberOfColumns: number
    readonly columns_present_bitmap: Buffer
    readonly columns_present_bitmap2?: Buffer
  }
  return [bitmaps.columns_present_bitmap, bitmaps.columns_present_bitmap2 ?? bitmaps.columns_present_bitmap].every(
    (bitmap) => Array.from({ length: columns }, (_, i) => (bitmap[i >> 3] ?? 0) & (1 << (i & 7))).every(Boolean),
  )
}

function undecodable(what: string): never {
  throw new EzoneError('EZ_DRC_UNDECODABLE', `the binlog holds ${what}`)
}

function unfit(table: string, why: string): never {
  throw new EzoneError('EZ_DRC_UNFIT_TABLE', `${table} ${why}`)
}
