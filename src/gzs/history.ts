import { EzoneError, type HistoryEntry, historyEntrySchema, historyPath } from '@ezone/sdk'
import { op, type Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'
import { limits } from './limits.ts'

/** Who changed the table, when and why: the last changes, in memory, read from the truth as the table grows. */
export class History {
  readonly #zookeeper: Zookeeper
  #entries: readonly HistoryEntry[] | undefined

  constructor(zookeeper: Zookeeper) {
    this.#zookeeper = zookeeper
  }

  /** What adds an entry, for the same transaction that changes the table. */
  static op(entry: HistoryEntry) {
    return op.create(historyPath(entry.version), JSON.stringify(entry))
  }

  /** Newest first. @throws EZ_NO_MAJORITY where it was never read */
  get entries(): readonly HistoryEntry[] {
    if (this.#entries === undefined) throw new EzoneError('EZ_NO_MAJORITY', 'the history has not been read yet')
    return this.#entries.toReversed()
  }

  /** Reads what is missing up to a version of the table. */
  async catchUp(version: number): Promise<void> {
    const known = this.#entries ?? []
    const begin = Math.max((known.at(-1)?.version ?? 0) + 1, version - limits.historyMax + 1)
    const missing = Array.from({ length: Math.max(0, version - begin + 1) }, (_, i) => this.#read(begin + i))
    const read = (await Promise.all(missing)).filter((entry) => entry !== null)
    this.#entries = [...known, ...read].slice(-limits.historyMax)
  }

  /** Forgets in the truth what is too old to be kept. Fails silently: the next change tries its own. */
  async prune(version: number): Promise<void> {
    if (version > limits.historyKept)
      await this.#zookeeper.delete(historyPath(version - limits.historyKept)).catch(() => {})
  }

  /** null where it was pruned. */
  async #read(version: number): Promise<HistoryEntry | null> {
    try {
      const { data } = await this.#zookeeper.getData(historyPath(version))
      return historyEntrySchema.parse(JSON.parse(data.toString('utf8')))
    } catch (error) {
      if (ZookeeperError.is(error, 'NO_NODE')) return null
      throw error
    }
  }
}
