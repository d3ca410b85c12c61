import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError, type MysqlAccess } from '@ezone/sdk/model'
import ZongJi, { type ZongJiOptions } from '@vlasky/zongji'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Capture } from '../core/relay.ts'
import type { Position, SourceTransaction } from '../core/types.ts'
import { limits } from '../limits.ts'
import { TransactionAssembler } from './assembler.ts'
import { parseGtids, startSet } from './gtids.ts'
import { TransactionQueue } from './transaction-queue.ts'

export interface ZongjiCaptureOptions {
  readonly mysql: MysqlAccess
  /** Number of the zone. */
  readonly zone: number
  /** As which replica it connects; unique among the readers of this server. */
  readonly serverId: number
  readonly clock: Clock
  /** False with the planted bug `loop-filter-off`. */
  readonly filters: boolean
}

/** Read whole: their rows are what DRC carries, or says how it does. Of the rest nothing travels. */
const filters = (foreign: boolean): ZongJiOptions => ({
  excludeSchema: {
    ezone: true,
    ezone_drc: ['position', 'conflict', 'migration'],
    mysql: true,
    sys: true,
  },
  excludeEvents: foreign ? ['tablemap', 'writerows', 'updaterows', 'deleterows'] : [],
})

/** The binlog by @vlasky/zongji: dials, reads from a GTID set on, and gives the socket a rest when nobody takes. */
export class ZongjiCapture implements Capture {
  readonly #options: ZongjiCaptureOptions

  constructor(options: ZongjiCaptureOptions) {
    this.#options = options
  }

  async *transactions(from: Position, signal: AbortSignal): AsyncGenerator<SourceTransaction> {
    const gtidSet = await this.#startSet(from)
    const reader = new ZongJi({ ...this.#options.mysql, ...asText, connectTimeout: limits.connectMs })
    const queue = new TransactionQueue(limits.captureBytesMax, {
      pause: () => reader.connection?.pause(),
      resume: () => reader.connection?.resume(),
    })
    const watch = new AbortController()
    const cut = () => queue.fail(new EzoneError('EZ_INTERRUPTED', 'the capture was told to end'))
    signal.addEventListener('abort', cut, { once: true })
    try {
      this.#listen(reader, queue)
      reader.start({ serverId: this.#options.serverId, gtidSet, ...filters(false) })
      // Sent before the dump begins: the library asks the server some questions first.
      reader.connection?.query(`SET @source_heartbeat_period = ${limits.heartbeatMs * 1_000_000}`, () => {})
      void this.#watch(queue, watch.signal)
      for (;;) yield await queue.next()
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      watch.abort()
      signal.removeEventListener('abort', cut)
      reader.stop()
    }
  }

  #listen(reader: ZongJi, queue: TransactionQueue): void {
    const assembler = new TransactionAssembler(this.#options.zone, this.#options.filters)
    let foreign = false
    reader.on('binlog', (event) => {
      if (queue.failed) return
      queue.touch(this.#options.clock.monotonicMs())
      try {
        const transaction = assembler.take(event)
        if (transaction) queue.push(transaction, event.nextPosition > 0 ? sizeOf(transaction) : 0)
      } catch (error) {
        queue.fail(error)
      }
      // Rows that an applier wrote are not even decoded.
      if (assembler.foreign !== foreign) {
        foreign = assembler.foreign
        reader.start(filters(foreign))
      }
    })
    reader.on('error', (error: Error) => queue.fail(asCaptureError(error)))
  }

  /** A silent server is no quiet server: it has promised to say something every `heartbeatMs`. */
  async #watch(queue: TransactionQueue, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    queue.touch(clock.monotonicMs())
    while (!signal.aborted) {
      await sleep(limits.heartbeatMs, undefined, { signal, ref: false }).catch(() => undefined)
      const silentMs = clock.monotonicMs() - queue.touchedMs
      if (!queue.paused && silentMs > limits.silenceMs)
        queue.fail(new EzoneError('EZ_STORE_UNREACHABLE', `MySQL has said nothing for ${Math.round(silentMs)} ms`))
    }
  }

  async #startSet(from: Position): Promise<string> {
    const connection = await createConnection({ ...this.#options.mysql, connectTimeout: limits.connectMs }).catch(
      (cause: Error) => {
        throw new EzoneError('EZ_STORE_UNREACHABLE', 'MySQL does not answer the relay', { cause })
      },
    )
    try {
      const [[row]] = await connection.query<RowDataPacket[]>({
        sql: 'SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged',
        timeout: limits.connectMs,
      })
      return startSet(parseGtids(String(row?.executed)), parseGtids(String(row?.purged)), from)
    } catch (cause) {
      if (EzoneError.is(cause)) throw cause
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'MySQL did not tell the relay what it has', { cause })
    } finally {
      connection.destroy()
    }
  }
}

/** Dates as text in UTC, as they were written; large numbers with all their digits. */
const asText = { dateStrings: true, timezone: 'Z', supportBigNumbers: true, bigNumberStrings: true } as const

/** Roughly what it holds in memory. */
function sizeOf({ rows }: SourceTransaction): number {
  return 200 + rows.reduce((sum, row) => sum + 100 * Object.keys(row.after ?? row.before ?? {}).length, 0)
}

/**
 * An error with a code comes from the wire or the server: the server may be away, or may have closed this reader for
 * another. One without comes from what was read, and reading it again will not help.
 */
function asCaptureError(error: Error & { readonly code?: unknown }): Error {
  if (EzoneError.is(error)) return error
  return typeof error.code === 'string'
    ? new EzoneError('EZ_STORE_UNREACHABLE', 'the binlog stream broke', { cause: error })
    : new EzoneError('EZ_DRC_UNDECODABLE', 'the binlog cannot be read', { cause: error })
}
