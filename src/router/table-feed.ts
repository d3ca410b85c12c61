import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Address,
  type Clock,
  EzoneError,
  type RouterStats,
  type RoutingTable,
  routingTableSchema,
  type ServiceContext,
  TableIndex,
} from '@ezone/sdk'
import { request } from 'undici'

const pollMs = 1_000
const askMs = 800
const tableBytesMax = 4 * 1024 * 1024

interface Held {
  readonly index: TableIndex
  readonly from: 'gzs' | 'disk'
  readonly confirmedAtMs: number
}

/**
 * The routing table a router acts on: held in memory, asked of GZS every second, kept on disk. Without GZS it goes on
 * with the last good one, also through a restart. An older version than the one held is never taken.
 */
export class TableFeed {
  readonly #sources: readonly Address[]
  readonly #file: string
  readonly #clock: Clock
  readonly #log: ServiceContext['log']
  #held: Held | undefined
  #etag: string | undefined
  #failing = false

  private constructor({ config, clock, log }: ServiceContext) {
    this.#sources = config.peers.gzs ?? []
    this.#file = join(config.stateDir, 'table.json')
    this.#clock = clock
    this.#log = log
  }

  /** Begins with what is on disk, if that is good, and asks GZS until the context's signal ends it. */
  static async start(context: ServiceContext): Promise<TableFeed> {
    const feed = new TableFeed(context)
    await feed.#readDisk()
    void feed.#poll(context.signal)
    return feed
  }

  /** @throws EZ_NOT_READY where there never was a table */
  get index(): TableIndex {
    if (this.#held === undefined)
      throw new EzoneError(
        'EZ_NOT_READY',
        'the router has no routing table yet: GZS does not answer and none is on disk',
      )
    return this.#held.index
  }

  status(): RouterStats['table'] {
    if (this.#held === undefined) return null
    const { index, from, confirmedAtMs } = this.#held
    return { version: index.table.version, from, ageMs: Math.round(this.#clock.monotonicMs() - confirmedAtMs) }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ask(signal).then(
        () => this.#note(undefined),
        (error: unknown) => this.#note(error),
      )
      await sleep(pollMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** One line when it begins and one when it ends, not one a second. */
  #note(error: unknown): void {
    if (error !== undefined && !this.#failing)
      this.#log.warn({ err: error }, 'GZS does not answer; going on with the table held')
    if (error === undefined && this.#failing) this.#log.info('GZS answers again')
    this.#failing = error !== undefined
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = []
    for (const { host, port } of this.#sources) {
      try {
        return await this.#askOne(`http://${host}:${port}/table`, AbortSignal.any([signal, AbortSignal.timeout(askMs)]))
      } catch (error) {
        failures.push(error)
      }
    }
    throw new AggregateError(failures, 'no GZS answered')
  }

  async #askOne(url: string, signal: AbortSignal): Promise<void> {
    const { statusCode, headers, body } = await request(url, {
      signal,
      headers: this.#etag === undefined ? {} : { 'if-none-match': this.#etag },
    })
    if (statusCode === 304) {
      await body.dump()
      if (this.#held !== undefined) this.#hold(this.#held.index)
      return
    }
    if (statusCode !== 200 || Number(headers['content-length'] ?? 0) > tableBytesMax) {
      await body.dump()
      throw new TypeError(`${url} answered ${statusCode}`)
    }
    const table = routingTableSchema.parse(await body.json())
    await this.#adopt(table)
    this.#etag = typeof headers.etag === 'string' ? headers.etag : undefined
  }

  async #adopt(table: RoutingTable): Promise<void> {
    const held = this.#held?.index.table.version ?? 0
    if (table.version < held) throw new TypeError(`GZS offers version ${table.version}, older than the ${held} held`)
    this.#hold(new TableIndex(table))
    this.#log.info({ version: table.version }, 'a routing table from GZS')
    await writeFile(`${this.#file}.new`, JSON.stringify(table), { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }

  #hold(index: TableIndex): void {
    this.#held = { index, from: 'gzs', confirmedAtMs: this.#clock.monotonicMs() }
  }

  async #readDisk(): Promise<void> {
    try {
      const table = routingTableSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')))
      this.#held = { index: new TableIndex(table), from: 'disk', confirmedAtMs: this.#clock.monotonicMs() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.warn({ err: error }, 'the table on disk is not used')
    }
  }
}
