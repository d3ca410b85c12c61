import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Address, EzoneError, errorAnswer, type InternalTag, internalHeader, readTag } from '@ezone/sdk'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly trailers: IncomingMessage['trailers']
  readonly body: string
  readonly tag: InternalTag
}

/** Who may write a shard, as a fence row says it. */
export interface Fence {
  readonly shard: number
  zone: string
  state: string
  epoch: number
}

/**
 * A zone behind a router, whose every answer the test decides; what it keeps are the requests it was asked to do. By
 * default it does what a service behind a fence does: refuses by the fence's code, else answers 201 with a version.
 */
export class ScriptedZone implements AsyncDisposable {
  readonly received: Received[] = []
  /** Takes the place of the default. */
  answer: ((request: Received, response: ServerResponse) => void) | undefined
  readonly #zone: string
  readonly #secret: string
  readonly #fence: Fence
  readonly #server: Server
  #made = 0n

  private constructor(zone: string, secret: string, fence: Fence) {
    this.#zone = zone
    this.#secret = secret
    this.#fence = fence
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(address: Address, zone: string, secret: string, fence: Fence): Promise<ScriptedZone> {
    const own = new ScriptedZone(zone, secret, fence)
    await new Promise<void>((resolve, reject) => {
      own.#server.once('error', reject).listen(address.port, address.host, resolve)
    })
    return own
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = (await buffer(request)).toString()
      const { method = '', url = '', headers, trailers } = request
      const tag = readTag(String(headers[internalHeader]), this.#secret)
      const received = { method, url, headers, trailers, body, tag }
      if (this.answer !== undefined) {
        this.received.push(received)
        return this.answer(received, response)
      }
      if (method !== 'GET') this.#check(tag)
      this.received.push(received)
      const headersOut = {
        'content-type': 'application/json',
        'x-ezone-version': `${orderId(++this.#made)}:${this.#made}`,
      }
      response.writeHead(method === 'GET' ? 200 : 201, headersOut).end(JSON.stringify({ zone: this.#zone, method }))
    } catch (error) {
      const { status, body } = errorAnswer(error)
      if (!response.destroyed) response.writeHead(status).end(JSON.stringify(body))
    }
  }

  #check({ shard, epoch }: InternalTag): void {
    const fence = this.#fence
    if (shard !== fence.shard) return
    if (epoch < fence.epoch && fence.zone === this.#zone && fence.state !== 'ACTIVE')
      throw new EzoneError('EZ_SHARD_FROZEN', `the shard is ${fence.state}`)
    if (epoch < fence.epoch) throw new EzoneError('EZ_STALE_EPOCH', `epoch ${epoch} is older than ${fence.epoch}`)
    if (fence.zone !== this.#zone) throw new EzoneError('EZ_WRONG_ZONE_WRITE', `the shard belongs to ${fence.zone}`)
  }
}

/** Ids of cell 1, which is of Shanghai. */
const orderId = (sequence: bigint) => (9n << 31n) | (1n << 17n) | (2n << 13n) | sequence
