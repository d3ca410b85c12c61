import {
  type Address,
  type InternalTag,
  internalHeader,
  parseRoute,
  requestKeyHeader,
  routeHeader,
  type ServiceContract,
  signTag,
  tagHeader,
} from '@ezone/sdk/model'

const answerMs = 10_000

/** What came of a request. `status` is 0 where there was no answer at all. */
export interface Told {
  readonly status: number
  /** What was made; null where the answer does not say. */
  readonly id: string | null
  /** Of an error in the form of the platform. */
  readonly code: string | null
  /** Where the router sent it; null where it went through none. */
  readonly zone: string | null
}

export const isDone = ({ status, id }: Told): boolean => status >= 200 && status < 300 && id !== null

export const toldText = ({ status, code, zone }: Told): string =>
  `${status === 0 ? 'no answer' : status}${code === null ? '' : ` ${code}`}${zone === null ? '' : ` from ${zone}`}`

export interface ServiceClientOptions {
  readonly name: string
  readonly contract: ServiceContract
  readonly router: Address
  readonly signal: AbortSignal
}

/** Asks a service as its contract says: through a router, as any client, or an instance itself, as nobody should. */
export class ServiceClient {
  readonly #options: ServiceClientOptions
  /** Key of a request -> `{n}` in its body: sent again it is the same request. */
  readonly #numbers = new Map<string, number>()

  constructor(options: ServiceClientOptions) {
    this.#options = options
  }

  /** @param tag as in `x-ezone-tag` */
  write(tag: string, key: string): Promise<Told> {
    return this.#send(
      this.#entered(this.#options.contract.write.path),
      { [tagHeader]: tag, [requestKeyHeader]: key },
      key,
    )
  }

  read(tag: string, id: string): Promise<Told> {
    const { path } = this.#options.contract.read
    const at = path.replaceAll('{id}', encodeURIComponent(id))
    return this.#send(this.#entered(at), { [tagHeader]: tag }, null)
  }

  /** Past router and SOA proxy. @param signed null: with no tag at all */
  writeAt(
    { host, port }: Address,
    key: string,
    signed: { readonly tag: InternalTag; readonly secret: string } | null,
  ): Promise<Told> {
    const headers = {
      [requestKeyHeader]: key,
      ...(signed !== null && { [internalHeader]: signTag(signed.tag, signed.secret) }),
    }
    return this.#send(`http://${host}:${port}${this.#options.contract.write.path}`, headers, key)
  }

  #numberOf(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1
    this.#numbers.set(key, number)
    return number
  }

  #entered(path: string): string {
    const { router, name } = this.#options
    return `http://${router.host}:${router.port}/services/${name}${path}`
  }

  /** @param key of a write; null: it reads */
  async #send(url: string, headers: Record<string, string>, key: string | null): Promise<Told> {
    const { contract, signal } = this.#options
    const { method, body } = contract.write
    const json = { 'content-type': 'application/json' }
    const text = () => JSON.stringify(body).replaceAll('{n}', String(this.#numberOf(key ?? '')))
    const init = key === null ? { headers } : { method, headers: { ...headers, ...json }, body: text() }
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
      const answer = await fetch(url, { ...init, signal: limit })
      const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null
      const id = said?.[contract.id]
      return {
        status: answer.status,
        id: typeof id === 'string' || typeof id === 'number' ? String(id) : null,
        code: (said?.error as { code?: string } | undefined)?.code ?? null,
        zone: parseRoute(answer.headers.get(routeHeader))?.zone ?? null,
      }
    } catch {
      signal.throwIfAborted()
      return { status: 0, id: null, code: null, zone: null }
    }
  }
}
