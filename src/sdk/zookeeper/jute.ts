import { ZookeeperError } from './errors.ts'

const sizeBytes = 4

/**
 * Writes ZooKeeper's wire format (jute): fields one after the other, numbers big-endian, strings and byte strings with
 * their length before them (-1 for null), vectors with their count. No field has a name or a type on the wire.
 */
export class JuteWriter {
  #bytes = Buffer.allocUnsafe(256)
  #length = sizeBytes

  int(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length)
    return this
  }

  long(value: bigint): this {
    this.#length = this.#room(8).writeBigInt64BE(value, this.#length)
    return this
  }

  bool(value: boolean): this {
    this.#length = this.#room(1).writeUInt8(value ? 1 : 0, this.#length)
    return this
  }

  buffer(value: Buffer | null): this {
    if (value === null) return this.int(-1)
    this.int(value.length)
    value.copy(this.#room(value.length), this.#length)
    this.#length += value.length
    return this
  }

  string(value: string | null): this {
    return this.buffer(value === null ? null : Buffer.from(value))
  }

  vector<T>(items: readonly T[], write: (item: T) => void): this {
    this.int(items.length)
    for (const item of items) write(item)
    return this
  }

  /** All that was written, with its size before it, as it goes over the wire. */
  frame(): Buffer {
    this.#bytes.writeInt32BE(this.#length - sizeBytes, 0)
    return this.#bytes.subarray(0, this.#length)
  }

  #room(bytes: number): Buffer {
    const wanted = this.#length + bytes
    if (wanted > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** Reads what a JuteWriter wrote. Believes no length: what leads out of the bytes is a MARSHALLING_ERROR. */
export class JuteReader {
  readonly #bytes: Buffer
  #at = 0

  /** @param bytes one frame without its size */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  bool(): boolean {
    return this.#bytes.readUInt8(this.#take(1)) !== 0
  }

  /** A copy: the frame's memory is not kept alive by what was read from it. */
  buffer(): Buffer | null {
    const length = this.int()
    if (length < 0) return null
    const from = this.#take(length)
    return Buffer.from(this.#bytes.subarray(from, from + length))
  }

  string(): string {
    const length = this.int()
    if (length < 0) return ''
    const from = this.#take(length)
    return this.#bytes.toString('utf8', from, from + length)
  }

  vector<T>(read: () => T): T[] {
    const count = this.int()
    if (count > this.left) throw unreadable(`a list of ${count} in ${this.left} bytes`)
    return Array.from({ length: Math.max(count, 0) }, read)
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw unreadable(`${bytes} bytes wanted, ${this.left} left`)
    const from = this.#at
    this.#at += bytes
    return from
  }
}

const unreadable = (why: string) =>
  new ZookeeperError('MARSHALLING_ERROR', `an answer of ZooKeeper cannot be read: ${why}`)
