import { setTimeout as sleep } from 'node:timers/promises'
import { ZookeeperError } from './errors.ts'
import type { Watch, WatchEvent } from './types.ts'
import type { Zookeeper } from './zookeeper.ts'

const backoffMsMin = 50
const backoffMsMax = 2_000

export interface LevelOptions {
  /** Told of what went wrong, a broken connection excepted; it is tried again all the same. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Ends it, as disposing does. */
  readonly signal?: AbortSignal | undefined
}

/** A watch that follows what *is*: whatever was missed meanwhile is read again. */
export interface NodeWatch extends AsyncDisposable {
  /** True while what was delivered last is what a server held, and no sign of a change has come since. */
  readonly upToDate: boolean
  /** Reads again what the ensemble holds now, and resolves when that was delivered. */
  current(signal?: AbortSignal): Promise<void>
}

/** What a pass may have missed: `all`, or the paths that changed since the last one that succeeded. */
export interface Missed {
  readonly all: boolean
  readonly paths: ReadonlySet<string>
}

/**
 * Does `pass` whenever something below may have changed: at the start, after an event, after every reconnect, after a
 * failure. Never two at once; changes that come during a pass make another one.
 */
export class Level implements NodeWatch {
  readonly #zk: Zookeeper
  readonly #path: string
  readonly #recursive: boolean
  readonly #pass: (missed: Missed, signal: AbortSignal) => Promise<void>
  readonly #options: LevelOptions
  readonly #end = new AbortController()
  #watch: Watch | null = null
  #missed: { all: boolean; paths: Set<string> } = { all: true, paths: new Set() }
  #waiters: { readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = []
  #wake = Promise.withResolvers<void>()
  /** Nothing was missed since the pass that runs, or the last one, began. */
  #settled = false
  #passing = false

  constructor(
    zk: Zookeeper,
    watch: { readonly path: string; readonly recursive: boolean },
    pass: (missed: Missed, signal: AbortSignal) => Promise<void>,
    options: LevelOptions,
  ) {
    this.#zk = zk
    this.#path = watch.path
    this.#recursive = watch.recursive
    this.#pass = pass
    this.#options = options
    options.signal?.addEventListener('abort', this.#stop, { once: true })
    if (options.signal?.aborted) this.#stop()
    void this.#run()
  }

  get upToDate(): boolean {
    return this.#settled && !this.#passing && this.#zk.state === 'connected'
  }

  async current(signal?: AbortSignal): Promise<void> {
    await this.#zk.sync(this.#path, { signal })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () => reject(signal?.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    this.#waiters.push({ resolve, reject })
    if (this.#end.signal.aborted) reject(this.#end.signal.reason)
    else this.touch()
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  /** As if everything had changed. */
  touch(): void {
    this.#missed.all = true
    this.#rouse()
  }

  /** A pass that runs is not waited for: it may be the one that disposes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
    await this.#watch?.[Symbol.asyncDispose]()
  }

  #stop = () => {
    this.#options.signal?.removeEventListener('abort', this.#stop)
    this.#end.abort(new ZookeeperError('CLOSED', `the watch of ${this.#path} was ended`, { path: this.#path }))
    this.#rouse()
  }

  #rouse(): void {
    this.#settled = false
    this.#wake.resolve()
  }

  async #run(): Promise<void> {
    const end = this.#end.signal
    using _ = this.#zk.onSession((event) => {
      if (event.type === 'connected') this.touch()
      if (event.type === 'closed') this.#stop()
    })
    let backoffMs = backoffMsMin
    while (!end.aborted && this.#zk.state !== 'closed') {
      if (this.#zk.state === 'connected') {
        const fine = await this.#once(end)
        backoffMs = fine ? backoffMsMin : Math.min(backoffMs * 2, backoffMsMax)
        if (!fine) await sleep(backoffMs, undefined, { signal: end, ref: false }).catch(() => undefined)
      }
      if (!this.#settled && this.#zk.state === 'connected') continue
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
    for (const waiter of this.#waiters.splice(0)) waiter.reject(end.reason)
    await this.#watch?.[Symbol.asyncDispose]()
  }

  /** One pass. False where it failed: what it was about is missed still. */
  async #once(end: AbortSignal): Promise<boolean> {
    const missed = this.#missed
    const waiters = this.#waiters
    this.#missed = { all: false, paths: new Set() }
    this.#waiters = []
    this.#settled = true
    this.#passing = true
    try {
      this.#watch ??= await this.#zk.addWatch(this.#path, { recursive: this.#recursive, signal: end }, this.#note)
      await this.#pass(missed, end)
      for (const waiter of waiters) waiter.resolve()
      return true
    } catch (error) {
      this.#settled = false
      this.#missed = { all: missed.all || this.#missed.all, paths: missed.paths.union(this.#missed.paths) }
      this.#waiters = [...waiters, ...this.#waiters]
      const expected = end.aborted || ZookeeperError.is(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED')
      if (!expected) this.#options.onError?.(error)
      return false
    } finally {
      this.#passing = false
    }
  }

  #note = ({ path }: WatchEvent) => {
    this.#missed.paths.add(path)
    this.#rouse()
  }
}
