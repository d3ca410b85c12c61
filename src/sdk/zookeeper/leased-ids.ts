import { type Clock, EzoneError, idEpochMs } from '../model/index.ts'
import { ReservedIds } from '../service/reserved-ids.ts'
import { leaseWriter, type WriterLease } from './writer-lease.ts'
import type { Zookeeper } from './zookeeper.ts'

/** Writer numbers of a zone: five bits of an id. */
const writers = 32
/** A number whose last life reserved further ahead than this is passed over, if another one is to be had. */
const aheadSecondsMax = 2
const passedOverMax = 8

interface Leased {
  readonly lease: WriterLease
  readonly ids: ReservedIds
}

/**
 * Ids under a writer number that the zone's ZooKeeper leases; taken when the first id is asked for, and another one when
 * it was lost. A life that follows another at once, or a clock that was set back, finds its number reserved ahead of the
 * clock, and takes the next number rather than wait.
 */
export class LeasedIds implements AsyncDisposable {
  readonly #zone: number
  readonly #zookeeper: Zookeeper
  readonly #clock: Clock
  readonly #ended = new AbortController()
  #leased: Promise<Leased> | null = null

  constructor(options: { readonly zone: number; readonly zookeeper: Zookeeper; readonly clock: Clock }) {
    this.#zone = options.zone
    this.#zookeeper = options.zookeeper
    this.#clock = options.clock
  }

  /** Resolves when there is a number to make ids under. @throws EZ_STORE_UNREACHABLE, EZ_WRITERS_SPENT */
  async ready(): Promise<void> {
    await this.#current()
  }

  /** The next id of a cell. @throws EZ_IDS_SPENT, EZ_WRITERS_SPENT, EZ_STORE_UNREACHABLE */
  async next(cell: number): Promise<bigint> {
    const leased = this.#current()
    const { lease, ids } = await leased
    try {
      return await ids.next(cell)
    } catch (error) {
      if (EzoneError.is(error)) throw error
      if (!lease.lost.aborted) throw unreachable(error)
      // Many may find out at once: the first takes another number, for all of them.
      if (this.#leased === leased) this.#leased = null
      const { ids: others } = await this.#current()
      return others.next(cell)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    const leased = await this.#leased?.catch(() => null)
    await leased?.lease[Symbol.asyncDispose]()
  }

  #current(): Promise<Leased> {
    this.#leased ??= this.#lease().catch((error: unknown) => {
      this.#leased = null
      throw EzoneError.is(error) ? error : unreachable(error)
    })
    return this.#leased
  }

  async #lease(): Promise<Leased> {
    const signal = this.#ended.signal
    const nowSecond = Math.floor((this.#clock.nowMs() - idEpochMs) / 1000)
    const held: WriterLease[] = []
    while (held.length < passedOverMax && !held.some((one) => one.through <= nowSecond + aheadSecondsMax)) {
      try {
        held.push(await leaseWriter(this.#zookeeper, { max: writers, signal }))
      } catch (error) {
        if (held.length === 0 || !EzoneError.is(error, 'EZ_WRITERS_SPENT')) throw error
        break
      }
    }
    const [lease, ...others] = held.toSorted((a, b) => a.through - b.through)
    await Promise.all(others.map((other) => other[Symbol.asyncDispose]()))
    if (lease === undefined) throw new TypeError('no number was leased')
    return { lease, ids: new ReservedIds(this.#zone, lease, this.#clock) }
  }
}

const unreachable = (cause: unknown) =>
  new EzoneError('EZ_STORE_UNREACHABLE', 'the ZooKeeper of this zone reserves no ids', {
    cause,
    hint: 'The store of the zone does not answer: `ezone status` and `ezone logs PLACE/zookeeper` say why.',
  })
