import { EzoneError } from '../model/index.ts'
import { ensurePath } from './ensure-path.ts'
import { ZookeeperError } from './errors.ts'
import { op } from './multi.ts'
import type { Stat, Watch } from './types.ts'
import { readNode } from './watch-node.ts'
import type { Zookeeper } from './zookeeper.ts'

const holders = '/ezone/writers'
/** What was reserved outlives its holder. */
const reserved = '/ezone/writer-seconds'
const goodbyeMs = 1_000

export interface WriterOptions {
  /** How many numbers there are: 0 up to one less. */
  readonly max: number
  readonly signal?: AbortSignal
}

/**
 * Takes a writer number that no other living writer of the zone has: an ephemeral node holds it.
 *
 * That ids never repeat does not rest on the ephemeral, which says nothing of a writer that was held up: seconds are
 * reserved before ids of them are given, by a compare-and-set that every new holder of the number moves on. So two lives
 * of a number never have a second in common, and whoever has seconds reserved may spend them without ZooKeeper.
 *
 * @throws EZ_WRITERS_SPENT where all are held
 */
export async function leaseWriter(zk: Zookeeper, { max, signal }: WriterOptions): Promise<WriterLease> {
  await Promise.all([ensurePath(zk, holders, { signal }), ensurePath(zk, reserved, { signal })])
  const { names } = await zk.getChildren(holders, { signal })
  for (let number = 0; number < max; number++) {
    if (names.includes(`${number}`)) continue
    const lease = await take(zk, number, signal)
    if (lease !== null) return lease
  }
  throw new EzoneError('EZ_WRITERS_SPENT', `all ${max} writer numbers of the zone are held`)
}

/** Null where somebody else was faster, or may have been. */
async function take(zk: Zookeeper, number: number, signal: AbortSignal | undefined): Promise<WriterLease | null> {
  const [holder, seconds] = [`${holders}/${number}`, `${reserved}/${number}`]
  const session = zk.session?.id
  try {
    await ensurePath(zk, seconds, { signal })
    const { data, stat } = await zk.getData(seconds, { signal })
    const [, now] = await zk.multi(
      [op.create(holder, '', { mode: 'ephemeral' }), op.set(seconds, data, stat.version)],
      { signal },
    )
    if (session === undefined || zk.session?.id !== session) return null
    return await WriterLease.hold(zk, { number, session, stat: now, through: throughOf(data) }, signal)
  } catch (error) {
    // Of an unknown outcome it may hold a number for nothing, until the session ends.
    if (ZookeeperError.is(error, 'NODE_EXISTS', 'BAD_VERSION')) return null
    throw error
  }
}

const throughOf = (data: Buffer): number => (data.length === 0 ? -1 : Number(data.toString()))

interface Taken {
  readonly number: number
  readonly session: bigint
  readonly stat: Stat
  readonly through: number
}

export class WriterLease implements AsyncDisposable {
  readonly number: number
  readonly #zk: Zookeeper
  readonly #session: bigint
  readonly #lost = new AbortController()
  readonly #listening: Disposable
  #watch: Watch | null = null
  #through: number
  #version: number
  /** Seconds asked for since the version that is known. */
  readonly #asked = new Set<number>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(zk: Zookeeper, { number, session, stat, through }: Taken) {
    this.number = number
    this.#zk = zk
    this.#session = session
    this.#through = through
    this.#version = stat.version
    this.#listening = zk.onSession(({ type }) => {
      if (type === 'expired' || type === 'closed') this.#lose(`the session is ${type}`)
    })
  }

  static async hold(zk: Zookeeper, taken: Taken, signal: AbortSignal | undefined): Promise<WriterLease> {
    const lease = new WriterLease(zk, taken)
    try {
      const path = `${holders}/${lease.number}`
      lease.#watch = await zk.addWatch(path, { recursive: false, signal }, ({ type }) => {
        if (type === 'deleted') lease.#lose('its node was removed')
      })
      const stat = await zk.exists(path, { signal })
      if (stat?.ephemeralOwner !== taken.session) lease.#lose('its node was removed')
      return lease
    } catch (error) {
      await lease[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The greatest second that this number has reserved, in any of its lives; -1 before the first. */
  get through(): number {
    return this.#through
  }

  /** Aborted when the number is no longer ours. Seconds that were reserved stay good; take another lease for more. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /**
   * Reserves every second up to this one, durably. Ids of a second may be given when it returns.
   * @throws the reason of `lost`, where another life of the number has begun; what a ZooKeeper that does not answer throws
   */
  reserve(second: number): Promise<void> {
    const turn = this.#turn.then(() => this.#reserve(second))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #reserve(second: number): Promise<void> {
    this.#lost.signal.throwIfAborted()
    if (second <= this.#through) return
    this.#asked.add(second)
    try {
      const { version } = await this.#zk.setData(`${reserved}/${this.number}`, `${second}`, this.#version)
      this.#advance(second, version)
    } catch (error) {
      if (!ZookeeperError.is(error) || (error.outcome === 'none' && error.code !== 'BAD_VERSION')) throw error
      await this.#look(error)
      if (this.#through < second) await this.#reserve(second)
    }
  }

  /** After an outcome that is not known, of this call or of one before: a single step on, with a value of ours, is ours. */
  async #look(error: ZookeeperError): Promise<void> {
    const path = `${reserved}/${this.number}`
    await this.#zk.sync(path)
    const now = await readNode(this.#zk, path, this.#lost.signal)
    if (now?.stat.version === this.#version) throw error
    const found = now === null ? -1 : throughOf(now.data)
    if (now?.stat.version === this.#version + 1 && this.#asked.has(found)) this.#advance(found, now.stat.version)
    else this.#lose('another writer has taken the number')
    this.#lost.signal.throwIfAborted()
  }

  #held = () => !this.#lost.signal.aborted && this.#zk.session?.id === this.#session

  #advance(second: number, version: number): void {
    this.#through = second
    this.#version = version
    this.#asked.clear()
  }

  #lose(why: string): void {
    this.#lost.abort(new ZookeeperError('SESSION_EXPIRED', `writer ${this.number} is no longer ours: ${why}`))
  }

  /** Gives the number back. Seconds that were reserved stay spent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]()
    await this.#watch?.[Symbol.asyncDispose]()
    const held = this.#held()
    this.#lose('it was given back')
    if (!held || this.#zk.state !== 'connected') return
    // Whatever fails here is gone with the session.
    await this.#zk.delete(`${holders}/${this.number}`, -1, { timeoutMs: goodbyeMs }).catch(() => undefined)
  }
}
