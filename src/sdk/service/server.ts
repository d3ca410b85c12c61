import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, childTrace, EzoneError, formatTrace, parseTrace, traceHeader } from '../model/index.ts'
import { inTrace } from './current-trace.ts'
import { Ending } from './ending.ts'
import { type Answer, type Call, errorAnswer, type Route, RouteTable, StatusError } from './http.ts'
import { limits } from './limits.ts'
import { Refused, refusalOf, refuseOn } from './refused.ts'

export interface HttpServerOptions {
  readonly listen: Address
  readonly routes: readonly Route[]
  /** Answers what no route fits. */
  readonly otherwise?: Route['handle']
  readonly refused?: Refused
  /** Told of every error that is a fault of the service, not of the request. */
  readonly onFault: (error: unknown, call: Pick<Call, 'method' | 'path' | 'trace'>) => void
}

/** On every answer: the span that made it. Whoever asked finds the log lines and rows of the request by its trace id. */
const answerTraceHeader = 'traceresponse'

/** A running HTTP server on one address. `drain` lets requests in flight end; disposing cuts them off. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server
  readonly #routes: RouteTable
  readonly #refused: Refused
  readonly #onFault: HttpServerOptions['onFault']
  /** Requests that have no whole answer yet. */
  readonly #open = new Set<AbortController>()
  /** Streams end when the drain begins: nothing else would end them. */
  readonly #draining = new AbortController()
  /** The newest request of a connection: what a broken head or body on it may still be answered with. */
  readonly #newest = new WeakMap<Duplex, { readonly request: IncomingMessage; readonly response: ServerResponse }>()
  #inFlight = 0

  private constructor(options: HttpServerOptions) {
    this.#routes = new RouteTable(options.routes, options.otherwise)
    this.#refused = options.refused ?? new Refused()
    this.#onFault = options.onFault
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerBytesMax,
        headersTimeout: limits.headMs,
        requestTimeout: limits.receiveMs,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.maxConnections = limits.connectionsMax
    this.#server.timeout = limits.stallMs
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket))
  }

  /** Resolves once it listens; rejects where the address is taken. */
  static async start(options: HttpServerOptions): Promise<HttpServer> {
    const own = new HttpServer(options)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    own.#server.once('error', reject)
    own.#server.listen(options.listen.port, options.listen.host, resolve)
    await promise
    own.#server.off('error', reject)
    return own
  }

  /** Where it listens: the port it was given, where it asked for any. */
  get address(): Address {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  /**
   * Takes no new connection, ends idle ones, waits for the rest at most `limits.drainMs`. Before that it lingers: where a
   * connection is cut off while a request is on its way, its client does not know whether it was done. So all of them stay
   * for the moment in which clients learn that it ends, and each answer says that it was the last on its connection.
   */
  async drain(): Promise<void> {
    this.#draining.abort()
    await sleep(limits.lingerMs)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const late = AbortSignal.timeout(limits.drainMs)
    const tooLate = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([closed, tooLate])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining.abort()
    for (const gone of this.#open) gone.abort()
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = target(request)
    const method = request.method ?? 'GET'
    // The probe of links and runtimes: it costs as little as a request can.
    if (pathname === '/healthz' && method === 'GET') return send(response, healthy)
    this.#newest.set(request.socket, { request, response })
    response.shouldKeepAlive &&= !this.#draining.signal.aborted
    const gone = new AbortController()
    this.#open.add(gone)
    response.once('close', () => {
      this.#open.delete(gone)
      if (response.writableFinished) return
      gone.abort()
      if (response.headersSent) this.#refused.add('notTaken')
    })
    const trace = childTrace(parseTrace(single(request.headers[traceHeader])))
    response.setHeader(answerTraceHeader, formatTrace(trace))
    this.#inFlight++
    try {
      if (this.#inFlight > limits.requestsAtOnceMax)
        throw new EzoneError('EZ_OVERLOADED', `${limits.requestsAtOnceMax} requests are being served already`)
      const { route, params } = this.#routes.find(method, pathname)
      const body = await readBody(request)
      using ending = new Ending(limits.answerMs, gone.signal)
      const { headers, rawHeaders, httpVersion } = request
      const url = { method, path: pathname, query: searchParams, params }
      const { signal } = ending
      const call: Call = { ...url, headers, rawHeaders, httpVersion, body, trace, signal }
      const answer = await inTrace(trace, () => route.handle(call))
      if (answer.stream === undefined) send(response, answer)
      else void this.#sendStream(response, answer, AbortSignal.any([gone.signal, this.#draining.signal]), call)
    } catch (error) {
      // A client that hung up while it was still sending is no fault of ours, and nobody is left to tell.
      if (!gone.signal.aborted) this.#fail(error, response, { method, path: pathname, trace })
    } finally {
      this.#inFlight--
    }
  }

  /** A stream has no length and no time-out of its own: the limit is that a client who does not read gets nothing. */
  async #sendStream(response: ServerResponse, answer: Answer, gone: AbortSignal, call: Call): Promise<void> {
    response.writeHead(answer.status, {
      'content-type': 'application/x-ndjson',
      connection: 'close',
      ...answer.headers,
    })
    response.flushHeaders()
    try {
      for await (const text of answer.stream?.(gone) ?? []) {
        if (!response.write(text)) await once(response, 'drain', { signal: gone })
      }
      response.end()
    } catch (error) {
      response.destroy()
      if (!gone.aborted) this.#onFault(error, call)
    }
  }

  #fail(error: unknown, response: ServerResponse, call: Pick<Call, 'method' | 'path' | 'trace'>): void {
    const answer = errorAnswer(error)
    if (answer.status === 413) this.#refused.add('bodyTooLarge')
    if (answer.status === 500) this.#onFault(error, call)
    send(response, answer)
  }

  /**
   * What came on a connection is no request. It is answered where nothing else is owed on that connection: an answer
   * out of turn would be taken for the one of the request before.
   */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const found = refusalOf(error)
    if (found !== undefined) this.#refused.add(found.kind)
    const newest = this.#newest.get(socket)
    const owed =
      newest !== undefined &&
      (newest.request.complete ? !newest.response.writableFinished : newest.response.headersSent)
    if (found === undefined || owed) return void socket.destroy()
    refuseOn(socket, found.refusal)
  }
}

const single = (value: string | readonly string[] | undefined) => (typeof value === 'string' ? value : undefined)

const healthy: Answer = { status: 200, body: Buffer.from('{"ok":true}\n') }

/** Never throws: a target that is no URL becomes a path that no route has. */
function target(request: IncomingMessage): { pathname: string; searchParams: URLSearchParams } {
  return URL.parse(request.url ?? '/', 'http://service') ?? { pathname: '', searchParams: new URLSearchParams() }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Not destroyed on refusal: the answer goes out on the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limits.bodyBytesMax) throw new StatusError(413, `the body is larger than ${limits.bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  if (response.destroyed || response.headersSent) return
  if (body === undefined) return void response.writeHead(status, headers).end()
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`)
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': bytes.length })
    .end(bytes)
}
