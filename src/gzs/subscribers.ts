import {
  type Clock,
  EzoneError,
  type RoutingTable,
  type Subscriber,
  type TableAck,
  type TableMessage,
} from '@ezone/sdk'
import { limits } from './limits.ts'
import type { TableBoard } from './table-board.ts'

type Name = Pick<Subscriber, 'name' | 'kind' | 'place'>

interface Known extends Name {
  version: number | null
  ackedAtMs: number | null
  streams: number
  seenAtMs: number
}

export interface SubscribersOptions {
  readonly place: string
  readonly board: TableBoard
  readonly clock: Clock
  /** False where the truth may have changed unseen: then nobody is told that all is well. */
  readonly inTouch: () => boolean
}

/** Who follows the table of this GZS, what each was sent and what it acknowledged. */
export class Subscribers {
  readonly #options: SubscribersOptions
  readonly #known = new Map<string, Known>()

  constructor(options: SubscribersOptions) {
    this.#options = options
  }

  acknowledge({ version, ...name }: TableAck): void {
    Object.assign(this.#of(name), { version, ackedAtMs: this.#options.clock.nowMs() })
  }

  list(): readonly Subscriber[] {
    this.#forget()
    return [...this.#known.values()].map(({ streams, seenAtMs: _, ...known }) => ({
      ...known,
      connected: streams > 0,
      gzs: this.#options.place,
    }))
  }

  /**
   * Lines of NDJSON: a snapshot, then what changes. A subscriber that reads slowly gets fewer and larger steps: what it
   * is sent is computed when it takes it.
   */
  async *follow(name: Name, gone: AbortSignal): AsyncGenerator<string> {
    const { board, inTouch } = this.#options
    const known = this.#of(name)
    known.streams++
    try {
      let sent: RoutingTable | undefined
      while (!gone.aborted) {
        const { revision } = board.changed
        const { table } = board
        const message = table && messageFor(sent, table)
        if (message !== undefined) yield line(message)
        else if (sent !== undefined && inTouch()) yield line({ type: 'ping' })
        sent = table
        await board.changed.wait(revision, limits.pingMs, gone)
      }
    } finally {
      known.streams--
      known.seenAtMs = this.#options.clock.monotonicMs()
    }
  }

  #of(name: Name): Known {
    this.#forget()
    const found = this.#known.get(name.name)
    const seenAtMs = this.#options.clock.monotonicMs()
    if (found !== undefined) return Object.assign(found, name, { seenAtMs })
    if (this.#known.size >= limits.subscribersMax)
      throw new EzoneError('EZ_OVERLOADED', `this GZS has ${limits.subscribersMax} subscribers already`)
    const fresh: Known = { ...name, version: null, ackedAtMs: null, streams: 0, seenAtMs }
    this.#known.set(name.name, fresh)
    return fresh
  }

  #forget(): void {
    const before = this.#options.clock.monotonicMs() - limits.goneMs
    for (const [name, { streams, seenAtMs }] of this.#known)
      if (streams === 0 && seenAtMs < before) this.#known.delete(name)
  }
}

const line = (message: TableMessage) => `${JSON.stringify(message)}\n`

/** What leads from the table a subscriber has to the one there is; undefined where they are the same. */
export function messageFor(sent: RoutingTable | undefined, table: RoutingTable): TableMessage | undefined {
  if (sent === table) return undefined
  const had = new Map(sent?.shards.map((entry) => [entry.shard, JSON.stringify(entry)]))
  const strange = had.size !== table.shards.length || table.shards.some(({ shard }) => !had.has(shard))
  if (sent === undefined || strange || JSON.stringify(sent.cells) !== JSON.stringify(table.cells))
    return { type: 'snapshot', table }
  const shards = table.shards.filter((entry) => had.get(entry.shard) !== JSON.stringify(entry))
  return { type: 'delta', version: table.version, shards }
}
