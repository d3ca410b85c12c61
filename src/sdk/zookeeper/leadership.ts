import { setTimeout as sleep } from 'node:timers/promises'
import { ensurePath } from './ensure-path.ts'
import { ZookeeperError } from './errors.ts'
import type { Zookeeper } from './zookeeper.ts'

const retryMs = 200
const goodbyeMs = 1_000

/** The time for which one leads. */
export interface Term {
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  /** Greater than that of every earlier leader: what it fences with. */
  readonly epoch: bigint
  /** Ask right before acting: also right where this process was held up and `signal` is late. */
  holds(): boolean
}

export interface LeadershipOptions {
  /** The candidates' nodes are made below it. */
  readonly path: string
  readonly data?: string
  /** The next term begins only when the promise of the one before has settled. */
  readonly onGained: (term: Term) => void | Promise<void>
  readonly onLost?: () => void
  readonly onError?: (error: unknown) => void
  readonly signal?: AbortSignal
}

/** Who stands where already: two of one session could not be told apart. */
const standing = new WeakMap<Zookeeper, Set<string>>()

/**
 * One of many candidates leads. Each has an ephemeral node that counts up; the first of them leads, every other watches the
 * one before it alone. (The leader election recipe of ZooKeeper's documentation.)
 *
 * A leader has lost when its node is gone or its session over; and already when nobody has answered for 2/3 of the
 * session's timeout, for only after the whole of it another can lead. Then its node goes and it stands again, at the end.
 */
export class Leadership implements AsyncDisposable {
  readonly #zk: Zookeeper
  readonly #options: LeadershipOptions
  readonly #end = new AbortController()
  readonly #done: Promise<void>
  #term: Term | null = null

  private constructor(zk: Zookeeper, options: LeadershipOptions) {
    this.#zk = zk
    this.#options = options
    options.signal?.addEventListener('abort', this.#stop, { once: true })
    if (options.signal?.aborted) this.#stop()
    this.#done = this.#run()
  }

  static stand(zk: Zookeeper, options: LeadershipOptions): Leadership {
    const paths = standing.get(zk) ?? new Set()
    if (paths.has(options.path)) throw new TypeError(`this client stands for ${options.path} already`)
    standing.set(zk, paths.add(options.path))
    return new Leadership(zk, options)
  }

  /** The term that runs; null while another leads, or nobody. */
  get term(): Term | null {
    return this.#term
  }

  /** Ends its term and waits until what `onGained` began is over; then the next candidate leads. Not from within that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
    await this.#done
  }

  #stop = () => {
    this.#options.signal?.removeEventListener('abort', this.#stop)
    this.#end.abort(new ZookeeperError('CLOSED', 'stands no longer'))
  }

  async #run(): Promise<void> {
    const end = this.#end.signal
    while (!end.aborted && this.#zk.state !== 'closed') {
      try {
        await this.#campaign(end)
      } catch (error) {
        if (end.aborted) break
        if (!ZookeeperError.is(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED')) this.#options.onError?.(error)
        await sleep(retryMs, undefined, { signal: end, ref: false }).catch(() => undefined)
      }
    }
    // Where that fails the node goes with the session.
    await this.#withdraw().catch(() => undefined)
    standing.get(this.#zk)?.delete(this.#options.path)
  }

  async #campaign(end: AbortSignal): Promise<void> {
    await this.#zk.ready(end)
    const names = await this.#candidates(end)
    const session = this.#zk.session?.id
    const own = names.findIndex((name) => name.startsWith(this.#prefix()))
    if (own < 0) {
      // Where the outcome of this is unknown, the next look at the candidates tells.
      const { path, data = '' } = this.#options
      await this.#zk.create(`${path}/${this.#prefix()}`, data, { mode: 'ephemeral', sequential: true, signal: end })
      return
    }
    const before = names[own - 1]
    if (before !== undefined) return this.#gone(`${this.#options.path}/${before}`, end)
    if (session !== undefined) await this.#lead(`${this.#options.path}/${names[own]}`, session, end)
  }

  /** Oldest first. */
  async #candidates(signal: AbortSignal): Promise<readonly string[]> {
    await ensurePath(this.#zk, this.#options.path, { signal })
    const { names } = await this.#zk.getChildren(this.#options.path, { signal })
    return names.toSorted((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1))
  }

  #prefix = () => `candidate-${(this.#zk.session?.id ?? 0n).toString(16)}-`

  /** Until this node is gone, or something else calls for another look. */
  async #gone(path: string, end: AbortSignal): Promise<void> {
    const look = Promise.withResolvers<void>()
    const stop = () => look.resolve()
    end.addEventListener('abort', stop, { once: true })
    using _ = this.#zk.onSession(stop)
    await using __ = await this.#zk.addWatch(path, { recursive: false, signal: end }, ({ type }) => {
      if (type === 'deleted') look.resolve()
    })
    if ((await this.#zk.exists(path, { signal: end })) !== null) await look.promise
    end.removeEventListener('abort', stop)
  }

  async #lead(path: string, session: bigint, end: AbortSignal): Promise<void> {
    const over = new AbortController()
    const lost = (why: string) => over.abort(new ZookeeperError('SESSION_EXPIRED', `leads no longer: ${why}`, { path }))
    const stop = () => lost('it was ended')
    using _ = this.#zk.onSession(({ type }) => {
      if (type === 'expired' || type === 'closed') lost(`the session is ${type}`)
    })
    await using __ = await this.#zk.addWatch(path, { recursive: false, signal: end }, ({ type }) => {
      if (type === 'deleted') lost('its node was removed')
    })
    const stat = await this.#zk.exists(path, { signal: end })
    if (stat?.ephemeralOwner !== session || end.aborted) return
    end.addEventListener('abort', stop, { once: true })
    const holds = () => !over.signal.aborted && this.#zk.session?.id === session && this.#zk.safeForMs > 0
    this.#term = { signal: over.signal, epoch: stat.czxid, holds }
    const work = this.#work(this.#term)
    await this.#untilUnsafe(holds, over.signal)
    lost('no server has answered for too long')
    this.#term = null
    end.removeEventListener('abort', stop)
    this.#options.onLost?.()
    await work
    if (!end.aborted) await this.#withdraw()
  }

  async #work(term: Term): Promise<void> {
    try {
      await this.#options.onGained(term)
    } catch (error) {
      this.#options.onError?.(error)
    }
  }

  async #untilUnsafe(holds: () => boolean, over: AbortSignal): Promise<void> {
    while (holds())
      await sleep(Math.max(1, Math.ceil(this.#zk.safeForMs)), undefined, { signal: over, ref: false }).catch(
        () => undefined,
      )
  }

  /** Removes what this session has there. */
  async #withdraw(): Promise<void> {
    if (this.#zk.state === 'closed' || this.#zk.session === null) return
    const options = { timeoutMs: goodbyeMs }
    const { names } = await this.#zk.getChildren(this.#options.path, options)
    for (const name of names.filter((one) => one.startsWith(this.#prefix())))
      await this.#zk.delete(`${this.#options.path}/${name}`, -1, options)
  }
}
