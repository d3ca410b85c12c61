import { systemClock } from '../model/index.ts'
import { ZookeeperError } from './errors.ts'
import { type MultiOp, type MultiResults, multiRequest } from './multi.ts'
import {
  addWatchRequest,
  type Created,
  childrenRequest,
  createRequest,
  deleteRequest,
  existsRequest,
  getRequest,
  type Request,
  removeWatchRequest,
  setRequest,
  syncRequest,
} from './requests.ts'
import { SessionKeeper } from './session-keeper.ts'
import type {
  CreateOptions,
  RequestOptions,
  Session,
  SessionEvent,
  SessionState,
  Stat,
  Watch,
  WatchEvent,
  ZookeeperOptions,
} from './types.ts'

/**
 * A client of ZooKeeper. It connects by itself, to the first server that serves, and again whenever it must; its session
 * lives on over those connections, and a new one begins when the servers ended the old one.
 *
 * Every request has a deadline; requests made without a connection wait for one within theirs. What only reads is asked
 * again after a broken connection; a write is sent at most once. A failure is a ZookeeperError, its `outcome` says whether
 * a write may have been done.
 */
export class Zookeeper implements AsyncDisposable {
  readonly #keeper: SessionKeeper

  private constructor(options: ZookeeperOptions) {
    this.#keeper = new SessionKeeper(options, options.clock ?? systemClock)
  }

  /** Returns at once; `ready` waits for the first session. */
  static connect(options: ZookeeperOptions): Zookeeper {
    if (options.servers.length === 0) throw new TypeError('a ZooKeeper client needs a server')
    return new Zookeeper(options)
  }

  get state(): SessionState {
    return this.#keeper.state
  }

  /** The session, also while it is suspended; null before the first one and after one expired. */
  get session(): Session | null {
    return this.#keeper.session
  }

  /**
   * Milliseconds for which no server can have ended the session, by what was answered so far; not positive where one may
   * have. Whoever acts on an ephemeral node of this session asks right before.
   */
  get safeForMs(): number {
    return this.#keeper.provenForMs
  }

  /** Until there is a connection with a session on it. */
  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (this.state === 'connected') resolve()
      if (this.state === 'closed') reject(this.#keeper.reason)
    }
    const giveUp = () => reject(signal?.reason)
    using _ = this.onSession(look)
    signal?.addEventListener('abort', giveUp, { once: true })
    look()
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  /** The listener must not throw. */
  onSession(listener: (event: SessionEvent) => void): Disposable {
    return this.#keeper.listen(listener)
  }

  create(path: string, data: Buffer | string, options: CreateOptions & RequestOptions = {}): Promise<Created> {
    return this.#ask(() => createRequest(path, data, options), options)
  }

  /** @param version that it must have; -1: any */
  delete(path: string, version = -1, options: RequestOptions = {}): Promise<void> {
    return this.#ask(() => deleteRequest(path, version), options)
  }

  /** Null where there is none. */
  exists(path: string, options: RequestOptions = {}): Promise<Stat | null> {
    return this.#ask(() => existsRequest(path), options).catch((error: unknown) => {
      if (ZookeeperError.is(error, 'NO_NODE')) return null
      throw error
    })
  }

  getData(path: string, options: RequestOptions = {}): Promise<{ data: Buffer; stat: Stat }> {
    return this.#ask(() => getRequest(path), options)
  }

  /** @param version that it must have; -1: any */
  setData(path: string, data: Buffer | string, version = -1, options: RequestOptions = {}): Promise<Stat> {
    return this.#ask(() => setRequest(path, data, version), options)
  }

  /** Names in alphabetical order. */
  getChildren(path: string, options: RequestOptions = {}): Promise<{ names: readonly string[]; stat: Stat }> {
    return this.#ask(() => childrenRequest(path), options)
  }

  /** Until the server has caught up with its leader: a read afterwards sees every write acknowledged before. */
  sync(path: string, options: RequestOptions = {}): Promise<void> {
    return this.#ask(() => syncRequest(path), options)
  }

  /** All of it or nothing. @throws MultiError which says what was refused */
  multi<const Ops extends readonly MultiOp[]>(ops: Ops, options: RequestOptions = {}): Promise<MultiResults<Ops>> {
    return this.#ask(() => multiRequest(ops), options)
  }

  /**
   * Tells of every change of a node, `recursive`: and below it, until it is disposed of; set again on every connection,
   * also of a new session. What happens between two connections is not told: read again after `connected`.
   * The listener must not throw.
   */
  async addWatch(
    path: string,
    { recursive, ...options }: { readonly recursive: boolean } & RequestOptions,
    listener: (event: WatchEvent) => void,
  ): Promise<Watch> {
    const mode = recursive ? 'recursive' : 'persistent'
    const { watches } = this.#keeper
    // A listener of its own, so that the same function may listen twice.
    const own = (event: WatchEvent) => listener(event)
    const remove = async () => {
      if (!watches.remove(path, mode, own) || this.state !== 'connected') return
      // On the next connection it would not be set again: whatever fails here is over with this one.
      await this.#ask(() => removeWatchRequest(path, mode), {}).catch(() => undefined)
    }
    watches.add(path, mode, own)
    try {
      await this.#ask(() => addWatchRequest(path, mode), options)
    } catch (error) {
      await remove()
      throw error
    }
    return { path, [Symbol.asyncDispose]: remove }
  }

  /** Ends the session: its ephemerals go at once. */
  close(): Promise<void> {
    return this.#keeper.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ask<T>(make: () => Request<T>, options: RequestOptions): Promise<T> {
    return this.#keeper.queue.submit(make(), options)
  }
}
