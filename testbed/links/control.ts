import type { Address } from '@ezone/sdk/model'
import { Proxy as ProxyClient, Toxiproxy } from 'toxiproxy-node-client'
import { BoundedTransport, ControlError } from './transport.ts'

/** The stream of a proxy: `upstream` goes from whoever dialled to the door, `downstream` comes back. */
export type Stream = 'upstream' | 'downstream'

export interface Toxic {
  readonly name: string
  readonly type: 'latency' | 'timeout' | 'bandwidth'
  readonly stream: Stream
  readonly toxicity: number
  readonly attributes: Readonly<Record<string, number>>
}

/** A proxy as its Toxiproxy shows it. */
export interface ProxyState {
  readonly name: string
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
  readonly toxics: readonly Toxic[]
}

/** Longest a control call may take; a healthy Toxiproxy answers within a few milliseconds. */
const deadlineMs = 2_000

/**
 * One Toxiproxy, by its HTTP interface. Every call ends within the deadline, with a ControlError where there was no answer.
 * `/reset` and `/populate` are never used: the first one removes the latency of the link, the second one drops connections.
 */
export class ToxiproxyControl {
  readonly address: Address
  readonly #base: string

  constructor(address: Address) {
    this.address = address
    this.#base = `http://${address.host}:${address.port}`
  }

  version(signal: AbortSignal): Promise<string> {
    return this.#client(signal).getVersion()
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<string, ProxyState>> {
    const { data } = await this.#transport(signal).get<Record<string, ProxyState>>(`${this.#base}/proxies`)
    return new Map(Object.entries(data))
  }

  /** A proxy with its toxics (the client leaves them out); undefined where there is none of that name. */
  async read(name: string, signal: AbortSignal): Promise<ProxyState | undefined> {
    try {
      return (await this.#transport(signal).get<ProxyState>(this.#url(name))).data
    } catch (error) {
      if (ControlError.is(error, 404)) return undefined
      throw error
    }
  }

  /** Created disabled: it accepts nobody before its toxics are in place, so no connection ever misses its latency. */
  async create(proxy: Pick<ProxyState, 'name' | 'listen' | 'upstream'>, signal: AbortSignal): Promise<void> {
    const { name, listen, upstream } = proxy
    await this.#client(signal).createProxy({ name, listen, upstream, enabled: false })
  }

  async setEnabled(name: string, enabled: boolean, signal: AbortSignal): Promise<void> {
    await this.#transport(signal).patch(this.#url(name), { enabled })
  }

  /** A toxic that is there already is no error: whoever adds reads back afterwards. */
  async addToxic(proxy: string, toxic: Toxic, signal: AbortSignal): Promise<void> {
    try {
      await this.#proxy(proxy, signal).addToxic({ ...toxic, attributes: { ...toxic.attributes } })
    } catch (error) {
      if (!ControlError.is(error, 409)) throw error
    }
  }

  async removeToxic(proxy: string, toxic: string, signal: AbortSignal): Promise<void> {
    await this.#gone(this.#transport(signal).delete(`${this.#url(proxy)}/toxics/${toxic}`))
  }

  async remove(proxy: string, signal: AbortSignal): Promise<void> {
    await this.#gone(this.#proxy(proxy, signal).remove())
  }

  /**
   * True where the proxy's own lock is free, so that removing it cannot hang. It matters because a removal that hangs holds
   * the lock of the whole Toxiproxy. Asked with a change that can only be refused: the lock is taken before it is looked at.
   */
  async isFree(proxy: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#transport(signal).patch(this.#url(proxy), { listen: '127.0.0.1:99999' })
      return false
    } catch (error) {
      return ControlError.is(error, 'refused')
    }
  }

  async #gone(removal: Promise<void>): Promise<void> {
    try {
      await removal
    } catch (error) {
      if (!ControlError.is(error, 404)) throw error
    }
  }

  #url = (proxy: string) => `${this.#base}/proxies/${proxy}`

  #transport = (signal: AbortSignal) => new BoundedTransport(deadlineMs, signal)

  #client(signal: AbortSignal): Toxiproxy {
    const client = new Toxiproxy(this.#base)
    // The client's transport class is not exported, so its type cannot be named; these are the methods it calls.
    client.api = this.#transport(signal) as unknown as Toxiproxy['api']
    return client
  }

  #proxy(name: string, signal: AbortSignal): ProxyClient {
    return new ProxyClient(this.#client(signal), { name, listen: '', upstream: '', enabled: false, toxics: [] })
  }
}
