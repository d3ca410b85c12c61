import { EzoneError } from '@ezone/sdk'
import { eventIn, whose } from './events.ts'
import type { HeardOrders } from './heard.ts'

/** What became of a record. */
export type Fate = 'kept' | 'known' | 'foreign' | 'unreadable'

/** Takes the records of own shards, and leaves the others. */
export class Listener {
  readonly #heard: HeardOrders
  readonly #zone: string
  readonly #count: (fate: Fate) => void

  constructor(options: {
    readonly heard: HeardOrders
    readonly zone: string
    readonly count: (fate: Fate) => void
  }) {
    this.#heard = options.heard
    this.#zone = options.zone
    this.#count = options.count
  }

  /** Throws where it cannot be said yet what becomes of the record: then it comes again, until it can. */
  readonly take = async ({ value }: { readonly value: string }): Promise<void> => {
    this.#count(await this.#fateOf(value))
  }

  async #fateOf(value: string): Promise<Fate> {
    const event = eventIn(value)
    if (event === undefined) return 'unreadable'
    const { shard } = event
    const fence = await this.#heard.fence(shard)
    const owner = whose(fence, this.#zone)
    if (fence === undefined || owner === 'foreign') return 'foreign'
    if (owner === 'moving') throw new EzoneError('EZ_SHARD_FROZEN', `shard ${shard} is being moved`)
    const isNew = await this.#heard.keep(event, { shard, epoch: fence.epoch })
    return isNew ? 'kept' : 'known'
  }
}
