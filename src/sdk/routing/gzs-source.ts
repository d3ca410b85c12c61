import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import {
  type Address,
  type RoutingTable,
  routingTableSchema,
  type TableAck,
  type TableMessage,
  tableMessageSchema,
} from '../model/index.ts'

/** A line or a table longer than this is none of ours: 31 shards and 400 cells are 10 KiB. */
const textBytesMax = 4 * 1024 * 1024
const askMs = 800

/** Three pings late: whoever is there but says nothing is as good as gone. */
export const silenceMs = 3_000

/** An answer that is not 200: the status tells an old GZS (404) from one in trouble. */
export class GzsRefused extends Error {
  readonly status: number

  constructor(path: string, status: number) {
    super(`GZS answered ${path} with ${status}`)
    this.status = status
  }
}

/** One GZS, asked over HTTP. Everything it says is checked before it is believed, and limited. */
export class GzsSource {
  readonly #address: Address
  #etag: string | undefined

  constructor(address: Address) {
    this.#address = address
  }

  /** What it tells as it happens; ends or throws when it is not there any more, or is silent for `silenceMs`. */
  async *follow(who: Omit<TableAck, 'version'>, signal: AbortSignal): AsyncGenerator<TableMessage> {
    const path = `/subscribe?${new URLSearchParams(who)}`
    // A connection of its own: it is never given back.
    const answer = await this.#ask({ path, agent: false, timeout: silenceMs, signal })
    if (answer.statusCode !== 200) throw refused('/subscribe', answer)
    for await (const line of lines(answer)) yield tableMessageSchema.parse(JSON.parse(line))
  }

  /** The table, or undefined where it is still the one of the last question. */
  async table(signal: AbortSignal): Promise<RoutingTable | undefined> {
    const headers = this.#etag === undefined ? {} : { 'if-none-match': this.#etag }
    const answer = await this.#ask({ path: '/table', headers, signal: soon(signal) })
    if (answer.statusCode === 304) return void answer.resume()
    if (answer.statusCode !== 200) throw refused('/table', answer)
    const table = routingTableSchema.parse(JSON.parse(await whole(answer)))
    this.#etag = answer.headers.etag
    return table
  }

  async acknowledge(ack: TableAck, signal: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const answer = await this.#ask(
      { method: 'POST', path: '/acks', headers, signal: soon(signal) },
      JSON.stringify(ack),
    )
    if ((answer.statusCode ?? 500) >= 300) throw refused('/acks', answer)
    answer.resume()
  }

  #ask(options: RequestOptions, body?: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const asked = request({ ...this.#address, ...options }, resolve)
    asked.on('error', reject)
    asked.once('timeout', () => asked.destroy(new Error(`GZS is silent for ${silenceMs} ms`)))
    asked.end(body)
    return promise
  }
}

function refused(path: string, answer: IncomingMessage): GzsRefused {
  answer.destroy()
  return new GzsRefused(path, answer.statusCode ?? 0)
}

async function whole(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > textBytesMax) throw new RangeError(`GZS answers more than ${textBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* lines(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const text of answer as AsyncIterable<string>) {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > textBytesMax) throw new RangeError(`a line of GZS is longer than ${textBytesMax} characters`)
    yield* parts.filter((line) => line !== '')
  }
}

const soon = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(askMs)])
