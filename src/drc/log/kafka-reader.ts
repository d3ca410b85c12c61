import { type Address, drcTopic, type LogRecord } from '@ezone/sdk/model'
import type { LogReader } from '../core/applier.ts'
import { firstUnapplied, judge } from '../core/positions.ts'
import type { Position } from '../core/types.ts'
import { Broker, type Fetched } from './broker.ts'
import { parseRecord } from './record-text.ts'

export interface KafkaReaderOptions {
  readonly kafka: Address
  readonly zone: string
  /** What has been applied, asked when the place to begin is looked for; or the oldest record, or what comes from now on. */
  readonly from: (() => Promise<Position>) | 'start' | 'end'
}

/** Reads another zone's change log across the link. While what was read is being applied, the next is on its way. */
export class KafkaLogReader implements LogReader, AsyncDisposable {
  readonly #options: KafkaReaderOptions
  readonly #topic: string
  #broker: Broker | null = null
  #next: bigint | null = null
  #ahead: Promise<Fetched[] | null> | null = null
  /** Whether the last read came to the end of the log. */
  quiet = false

  constructor(options: KafkaReaderOptions) {
    this.#options = options
    this.#topic = drcTopic(options.zone)
  }

  /** Empty where nothing new came within a moment. After a failure the next call dials anew. */
  async read(): Promise<readonly LogRecord[]> {
    try {
      return await this.#read()
    } catch (error) {
      await this.#hangUp()
      throw error
    }
  }

  async #read(): Promise<readonly LogRecord[]> {
    this.#broker ??= await Broker.dial(this.#options.kafka)
    this.#next ??= await this.#locate(this.#broker)
    const fetched = await (this.#ahead ?? this.#broker.fetch(this.#topic, this.#next))
    this.#ahead = null
    if (fetched === null) {
      // The log was cut off at its old end, or made anew: look where to go on. What is missing will show as a gap.
      this.#next = null
      return []
    }
    const last = fetched.at(-1)
    this.quiet = last === undefined
    if (last === undefined) return []
    this.#next = last.offset + 1n
    this.#ahead = this.#broker.fetch(this.#topic, this.#next)
    this.#ahead.catch(() => undefined)
    return fetched.map(({ value }) => parseRecord(value))
  }

  /** The offset of the first record that is not applied yet, or beyond it: see `firstUnapplied`. */
  async #locate(broker: Broker): Promise<bigint> {
    const bounds = await broker.bounds(this.#topic)
    if (bounds === null) return 0n
    const { from } = this.#options
    if (typeof from === 'string') return bounds[from]
    const position = await from()
    const isApplied = async (offset: bigint) => {
      const first = (await broker.fetch(this.#topic, offset, 1))?.[0]
      if (first === undefined) return false
      const record = parseRecord(first.value)
      return judge(position.get(record.uuid) ?? 0, record) === 'done'
    }
    return firstUnapplied(bounds, isApplied)
  }

  async #hangUp(): Promise<void> {
    const broker = this.#broker
    this.#broker = null
    this.#ahead = null
    await broker?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#hangUp()
  }
}
