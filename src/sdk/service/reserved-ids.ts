import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Clock, IdMaker } from '../model/index.ts'

const fileSchema = z.strictObject({
  /** No id of a later second has been given by any earlier life of this writer. */
  through: z.int().min(0),
})

/** Seconds reserved at a time: under load one small write in so many seconds; so many are skipped after a kill -9. */
const aheadSeconds = 2

export interface ReservedIdsOptions {
  readonly zone: number
  readonly writer: number
  readonly clock: Clock
  readonly stateDir: string
}

/**
 * Ids that never repeat through restarts: a second is written to disk as reserved before any id of it is given, so that
 * the next life, after whatever end, begins above. A clean end gives back what was not used.
 */
export class ReservedIds implements AsyncDisposable {
  readonly #maker: IdMaker
  readonly #file: string
  #through: number
  #writing: Promise<void> | undefined

  private constructor(maker: IdMaker, file: string) {
    this.#maker = maker
    this.#file = file
    this.#through = maker.highestSecond
  }

  /** Throws where the file is there but cannot be read: to begin anew could repeat ids. */
  static async open({ zone, writer, clock, stateDir }: ReservedIdsOptions): Promise<ReservedIds> {
    const file = join(stateDir, `ids-${zone}-${writer}.json`)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    const notBefore = text === null ? 0 : fileSchema.parse(JSON.parse(text)).through + 1
    return new ReservedIds(new IdMaker({ zone, writer, clock, notBefore }), file)
  }

  /** The next id of a cell. @throws EZ_IDS_SPENT */
  async next(cell: number): Promise<bigint> {
    for (;;) {
      const id = this.#maker.next(cell, this.#through)
      if (id !== undefined) return id
      // One write at a time; whoever waited may find that others have used it up, and asks for the next.
      this.#writing ??= this.#reserve().finally(() => {
        this.#writing = undefined
      })
      await this.#writing
    }
  }

  async #reserve(): Promise<void> {
    const through = Math.max(this.#maker.nowSecond(), this.#maker.highestSecond + 1) + aheadSeconds
    await this.#write(through)
    this.#through = through
  }

  async #write(through: number): Promise<void> {
    const fresh = `${this.#file}.new`
    await using handle = await open(fresh, 'w', 0o600)
    await handle.writeFile(`${JSON.stringify({ through })}\n`)
    await handle.sync()
    await rename(fresh, this.#file)
  }

  /** Gives back the seconds that were reserved and not used. No id may be asked for afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    this.#through = 0
    if (this.#maker.highestSecond >= 0) await this.#write(this.#maker.highestSecond)
  }
}
