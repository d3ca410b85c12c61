import { EzoneError, type LogRecord, type LogRow } from '@ezone/sdk/model'
import type { LoggedTransaction } from './types.ts'

/** What a record carries besides its rows; generous. */
const envelopeBytes = 512

/**
 * A transaction as records of the log: one, or several parts where it is large. The same transaction always becomes the
 * same parts, so that what a second relay repeats fits together with what the first one wrote.
 *
 * @param bytesMax of one record's JSON
 * @throws EZ_DRC_ROW_TOO_LARGE
 */
export function toRecords(transaction: LoggedTransaction, bytesMax: number): readonly LogRecord[] {
  const parts = split(transaction, bytesMax - envelopeBytes)
  const { zone, uuid, gno, previous, trace, committedAtMs } = transaction
  return parts.map((rows, index) => ({
    v: 1,
    zone,
    uuid,
    gno,
    previous,
    part: index + 1,
    parts: parts.length,
    trace,
    committedAtMs,
    rows,
  }))
}

function split({ uuid, gno, rows }: LoggedTransaction, bytesMax: number): readonly (readonly LogRow[])[] {
  let part: LogRow[] = []
  let bytes = 0
  const parts = [part]
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1
    if (size > bytesMax)
      throw new EzoneError(
        'EZ_DRC_ROW_TOO_LARGE',
        `a row of ${row.table} takes ${size} bytes in the log, at most ${bytesMax} fit (${uuid}:${gno})`,
      )
    if (bytes + size > bytesMax) {
      part = []
      bytes = 0
      parts.push(part)
    }
    part.push(row)
    bytes += size
  }
  return parts
}

/**
 * Puts parts together again. Records may be repeated, also between one another, where a relay was paused and a second one
 * went on; what never became whole is forgotten as soon as a later transaction of the same server is.
 */
export class Assembler {
  readonly #open = new Map<string, { readonly first: LogRecord; readonly parts: Map<number, readonly LogRow[]> }>()

  /** The transaction that this record completes, if it does. */
  add(record: LogRecord): LoggedTransaction | undefined {
    if (record.parts === 1) return this.#complete(record, record.rows)
    const id = `${record.uuid}:${record.gno}/${record.parts}`
    const open = this.#open.get(id) ?? { first: record, parts: new Map() }
    open.parts.set(record.part, record.rows)
    this.#open.set(id, open)
    if (open.parts.size < record.parts) return undefined
    const inOrder = [...open.parts].sort(([a], [b]) => a - b)
    return this.#complete(
      record,
      inOrder.flatMap(([, rows]) => rows),
    )
  }

  #complete(record: LogRecord, rows: readonly LogRow[]): LoggedTransaction {
    const { zone, uuid, gno, previous, trace, committedAtMs } = record
    for (const [id, { first }] of this.#open) if (first.uuid === uuid && first.gno <= gno) this.#open.delete(id)
    return { zone, uuid, gno, previous, trace, committedAtMs, rows }
  }
}
