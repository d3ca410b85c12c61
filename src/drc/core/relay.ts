import type { LogRecord } from '@ezone/sdk/model'
import { toRecords } from './records.ts'
import type { Position, SourceTransaction } from './types.ts'

/** Reads what was made in this zone. */
export interface Capture {
  /**
   * Whole transactions in commit order, each own one after `from` once. What cannot be read exactly ends it with an error,
   * the signal ends it without one.
   */
  transactions(from: Position, signal: AbortSignal): AsyncIterable<SourceTransaction>
}

/** The end of the change log where records are added. */
export interface LogWriter {
  /** Per server, the last transaction of which all parts are in the log. */
  last(signal: AbortSignal): Promise<Position>
  /**
   * Adds records behind all earlier ones. It may return before they are safe, but a record is never safe where an earlier
   * one is not; and once one could not be written, every later call fails.
   */
  append(records: readonly LogRecord[], signal: AbortSignal): Promise<void>
  /** Aborted, with the reason, when a record could not be written: where the source is quiet no later call would tell. */
  readonly broken: AbortSignal
}

export interface RelayParts {
  readonly zone: string
  readonly capture: Capture
  readonly log: LogWriter
  /** Of one record. */
  readonly bytesMax: number
  /** Told of each transaction that was handed to the log. */
  readonly logged?: (transaction: SourceTransaction) => void
}

/**
 * Carries every transaction made in this zone into its change log, in order.
 *
 * The log itself is the relay's only memory: it begins after the last transaction that is whole in there. A crash between
 * reading and writing repeats at most what was not yet whole, under the same numbers and versions.
 */
export async function relay({ zone, capture, log, bytesMax, logged }: RelayParts, signal: AbortSignal): Promise<void> {
  const last = new Map(await log.last(signal))
  const until = AbortSignal.any([signal, log.broken])
  for await (const transaction of capture.transactions(new Map(last), until)) {
    const previous = last.get(transaction.uuid) ?? 0
    await log.append(toRecords({ ...transaction, zone, previous }, bytesMax), signal)
    last.set(transaction.uuid, transaction.gno)
    logged?.(transaction)
  }
  log.broken.throwIfAborted()
}
