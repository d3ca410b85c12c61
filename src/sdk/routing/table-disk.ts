import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RoutingTable, routingTableSchema } from '../model/index.ts'

/** The last good table on disk. Written whole or not at all; while one is being written only the newest waits. */
export class TableDisk {
  readonly #file: string
  #next: RoutingTable | undefined
  #writing = false

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'table.json')
  }

  /** Undefined where there is none. @throws where there is one that cannot be used */
  async read(): Promise<RoutingTable | undefined> {
    try {
      return routingTableSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** @throws where the disk does not take it; whoever acts on the table goes on all the same */
  async write(table: RoutingTable): Promise<void> {
    this.#next = table
    if (this.#writing) return
    this.#writing = true
    try {
      while (this.#next !== undefined) {
        const text = JSON.stringify(this.#next)
        this.#next = undefined
        await writeFile(`${this.#file}.new`, text, { mode: 0o600 })
        await rename(`${this.#file}.new`, this.#file)
      }
    } finally {
      this.#writing = false
    }
  }
}
