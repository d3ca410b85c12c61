import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError, type RoutingTable, routingTableSchema, type ServiceContext } from '@ezone/sdk'
import { Bell } from './bell.ts'

interface Posted {
  readonly table: RoutingTable
  readonly body: Buffer
  readonly etag: string
}

/**
 * The table as GZS hands it out: the newest it has seen, in memory and on disk, so that it can be served without the
 * ensemble, also after a restart. An older one never replaces a newer one.
 */
export class TableBoard {
  readonly changed = new Bell()
  readonly #file: string
  readonly #log: ServiceContext['log']
  #posted: Posted | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(stateDir: string, log: ServiceContext['log']) {
    this.#file = join(stateDir, 'table.json')
    this.#log = log
  }

  static async open({ config, log }: Pick<ServiceContext, 'config' | 'log'>): Promise<TableBoard> {
    const board = new TableBoard(config.stateDir, log)
    await board.#readDisk()
    return board
  }

  /** @throws EZ_NOT_READY where there never was a table */
  get posted(): Posted {
    if (this.#posted === undefined)
      throw new EzoneError('EZ_NOT_READY', 'GZS has no table yet: the global ensemble does not answer, none is on disk')
    return this.#posted
  }

  get table(): RoutingTable | undefined {
    return this.#posted?.table
  }

  post(table: RoutingTable): void {
    const held = this.#posted?.table.version ?? 0
    if (table.version < held)
      this.#log.error({ version: table.version, held }, 'the truth is older than the table held; it is not taken')
    if (table.version <= held) return
    this.#posted = posted(table)
    this.changed.ring()
    this.#writing = this.#writing.then(() => this.#write(table))
  }

  /** Until what was posted is on disk. */
  settled(): Promise<void> {
    return this.#writing
  }

  async #write(table: RoutingTable): Promise<void> {
    try {
      await writeFile(`${this.#file}.new`, JSON.stringify(table), { mode: 0o600 })
      await rename(`${this.#file}.new`, this.#file)
    } catch (error) {
      this.#log.error({ err: error }, 'the table could not be written to disk')
    }
  }

  async #readDisk(): Promise<void> {
    try {
      this.#posted = posted(routingTableSchema.parse(JSON.parse(await readFile(this.#file, 'utf8'))))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.warn({ err: error }, 'the table on disk is not used')
    }
  }
}

function posted(table: RoutingTable): Posted {
  const body = Buffer.from(`${JSON.stringify(table)}\n`)
  return { table, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}
