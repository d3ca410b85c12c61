import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '@ezone/sdk/model'
import { type Connection, createConnection } from 'mysql2'
import type { Account } from '../stores/credentials.ts'

/** What mysql2 has but does not declare. */
interface BinlogConnection extends Connection {
  createBinlogStream(options: { serverId: number; filename: string; position: number }): Readable
  readonly stream: Readable
}

interface BinlogEvent {
  readonly header: { readonly eventType: number }
}

const writeRows = 30

/** A reader of a server's binlog, such as a replica, that can stop taking in what it is sent. */
export class BinlogReader implements Disposable {
  readonly #connection: BinlogConnection
  #rows = 0

  private constructor(connection: BinlogConnection) {
    this.#connection = connection
  }

  /** Connects, begins at the first file, and stops at the first event. */
  static async stopped(address: Address, account: Account, filename: string): Promise<BinlogReader> {
    const connection = createConnection({ ...address, ...account }) as BinlogConnection
    const reader = new BinlogReader(connection)
    // Without this the server refuses a reader it takes for too old to know checksums.
    await connection.promise().query("SET @source_binlog_checksum = 'NONE'")
    const events = connection.createBinlogStream({ serverId: 999_999, filename, position: 4 })
    events.on('data', (event: BinlogEvent) => {
      if (event.header.eventType === writeRows) reader.#rows++
    })
    await once(events, 'data')
    connection.stream.pause()
    return reader
  }

  /** Reads on until it has seen this many row events; returns how many it saw within ten seconds. */
  async readOn(rows: number): Promise<number> {
    this.#connection.stream.resume()
    for (let waits = 0; waits < 200 && this.#rows < rows; waits++) await sleep(50)
    return this.#rows
  }

  [Symbol.dispose](): void {
    this.#connection.destroy()
  }
}
