import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Address } from '@ezone/sdk/model'

interface Waiting {
  readonly lengthOf: (bytes: Buffer) => number | null
  readonly resolve: (answer: Buffer) => void
  readonly reject: (error: unknown) => void
}

const answerBytesMax = 1024 * 1024

/** A raw connection that sends one request at a time and gathers its answer, with nothing in between that takes time. */
export class Wire implements Disposable {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #waiting: Waiting | null = null
  #ended: Error | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the other side closed the connection')))
  }

  static async open(address: Address, signal: AbortSignal): Promise<Wire> {
    signal.throwIfAborted()
    const socket = connect({ ...address, noDelay: true })
    try {
      await once(socket, 'connect', { signal })
    } catch (error) {
      socket.destroy()
      throw error
    }
    return new Wire(socket)
  }

  /**
   * @param lengthOf how long the answer at the beginning of these bytes is; null while that cannot be told
   */
  request(bytes: Uint8Array, lengthOf: Waiting['lengthOf'], signal: AbortSignal): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (this.#ended !== null) return reject(this.#ended)
      if (this.#waiting !== null) return reject(new TypeError('a wire carries one request at a time'))
      const giveUp = () => this.#end(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })
      const settled = () => signal.removeEventListener('abort', giveUp)
      this.#waiting = {
        lengthOf,
        resolve: (answer) => {
          settled()
          resolve(answer)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      this.#socket.write(bytes)
    })
  }

  /** Sends what wants no answer, such as a goodbye, and closes. */
  close(goodbye?: Uint8Array): void {
    if (goodbye === undefined || this.#ended !== null) this[Symbol.dispose]()
    else this.#socket.end(goodbye, () => this.#socket.destroy())
  }

  [Symbol.dispose](): void {
    this.#end(new Error('the probe closed the connection'))
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const waiting = this.#waiting
    if (waiting === null) return
    try {
      const length = waiting.lengthOf(this.#received)
      if (length === null || length > this.#received.length) {
        if (this.#received.length > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`)
        return
      }
      this.#waiting = null
      const answer = this.#received.subarray(0, length)
      this.#received = this.#received.subarray(length)
      waiting.resolve(answer)
    } catch (error) {
      this.#end(error)
    }
  }

  #end(reason: unknown): void {
    this.#ended ??= reason instanceof Error ? reason : new Error(String(reason))
    this.#socket.destroy()
    this.#waiting?.reject(reason)
    this.#waiting = null
  }
}

/** Length of an answer that begins with its size as 4 bytes, as those of Kafka and ZooKeeper do. */
export function sized(bytes: Buffer): number | null {
  return bytes.length < 4 ? null : 4 + bytes.readInt32BE(0)
}
