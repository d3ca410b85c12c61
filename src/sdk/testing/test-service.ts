import { pino } from 'pino'
import {
  type InternalTag,
  internalHeader,
  requestKeyHeader,
  type ServiceConfig,
  serviceConfigSchema,
  signTag,
} from '../model/index.ts'
import { contextOf, type RunningService, type ServiceContext, serve } from '../service/frame.ts'
import type { HttpServer } from '../service/server.ts'

/** Shanghai, and the cell of its city. */
const home = { shard: 31, cell: 1, epoch: 1, hops: 1, leftMs: 10_000 }

/** Where a service under test stands: in `bj`, without stores or neighbours, on a free port of this machine. */
const standing = {
  service: 'tested',
  testbed: 'tests',
  place: 'bj',
  zone: 'bj',
  zoneNumber: 1,
  writer: 0,
  listen: { host: '127.0.0.1', port: 0 },
  secret: 'signs the tags of tests, and of nothing else',
  stores: {},
  peers: {},
  shards: {},
  dataDir: '',
  stateDir: '',
}

export interface Asked {
  /** Of the signed tag, what differs from shard 31 under epoch 1 in the service's own zone; null: none is sent. */
  readonly tag?: Partial<InternalTag> | null
  readonly body?: unknown
  readonly requestKey?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown
  readonly headers: Headers
}

/**
 * A service in the process of its test, behind the frame it runs behind everywhere: what a test asks comes over HTTP with
 * the signed tag of a router, and is answered as it would be in a zone, `GET /readyz` and `GET /metrics` included.
 */
export class TestService implements AsyncDisposable {
  readonly context: ServiceContext
  readonly #service: RunningService
  readonly #server: HttpServer
  readonly #end: AbortController

  private constructor(context: ServiceContext, service: RunningService, server: HttpServer, end: AbortController) {
    this.context = context
    this.#service = service
    this.#server = server
    this.#end = end
  }

  /**
   * @param make as for `runService`, or a service with routes alone
   * @param changes of its configuration
   */
  static async start(
    make: (context: ServiceContext) => TestedService | Promise<TestedService>,
    changes: Partial<ServiceConfig> = {},
  ): Promise<TestService> {
    const end = new AbortController()
    const config = { ...serviceConfigSchema.parse(standing), ...changes }
    const context = contextOf(config, pino({ level: 'silent' }), end.signal)
    const made = await make(context)
    const service = { ready: async () => {}, [Symbol.asyncDispose]: async () => {}, ...made }
    return new TestService(context, service, await serve(service, context), end)
  }

  async ask(method: 'GET' | 'POST', path: string, { tag = {}, ...asked }: Asked = {}): Promise<Answered> {
    const { config } = this.context
    const signed = tag === null ? null : signTag({ ...home, zone: config.zone ?? '', ...tag }, config.secret)
    const { host, port } = this.#server.address
    const response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: {
        ...(signed !== null && { [internalHeader]: signed }),
        ...(asked.requestKey !== undefined && { [requestKeyHeader]: asked.requestKey }),
        ...asked.headers,
      },
      ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') ?? false
    return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error('the test is over'))
    await this.#server[Symbol.asyncDispose]()
    await this.#service[Symbol.asyncDispose]()
  }
}

/** What a test needs not say of its service: that it is ready, and holds nothing. */
export type TestedService = Pick<RunningService, 'routes'> & Partial<RunningService>
