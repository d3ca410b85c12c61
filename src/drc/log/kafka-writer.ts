import { type Address, drcTopic, EzoneError, type LogRecord } from '@ezone/sdk/model'
import type { MessageRecord } from '@platformatic/kafka'
import { positionAfter } from '../core/positions.ts'
import type { LogWriter } from '../core/relay.ts'
import type { Position } from '../core/types.ts'
import { limits } from '../limits.ts'
import { Broker } from './broker.ts'
import { parseRecord, toMessage } from './record-text.ts'

export interface KafkaWriterOptions {
  readonly kafka: Address
  readonly zone: string
  /** Told of records that are safe. */
  readonly logged?: (records: readonly LogRecord[]) => void
}

interface Waiting {
  readonly record: LogRecord
  readonly message: Omit<MessageRecord, 'topic' | 'partition'>
}

/**
 * Adds to a zone's change log: one batch in flight, behind it the next one gathers. After a failure it is unknown what the
 * broker has; so it takes nothing more, and whoever goes on asks the log itself, by `last`. Repeats that come of it
 * carry the same numbers and versions, and are left out where they are read (ADR 0019).
 */
export class KafkaLogWriter implements LogWriter, AsyncDisposable {
  readonly #broker: Broker
  readonly #topic: string
  readonly #logged: KafkaWriterOptions['logged']
  #waiting: Waiting[] = []
  #bytes = 0
  #flushing: Promise<void> | null = null
  #failure: { readonly error: unknown } | null = null
  readonly #broken = new AbortController()

  private constructor(broker: Broker, { zone, logged }: KafkaWriterOptions) {
    this.#broker = broker
    this.#topic = drcTopic(zone)
    this.#logged = logged
    // A broker that went may have lost records (a power cut), so they must be looked for, also where nothing new comes.
    broker.onClosed(() => this.#lose(new EzoneError('EZ_STORE_UNREACHABLE', 'Kafka closed the connection')))
  }

  static async open(options: KafkaWriterOptions): Promise<KafkaLogWriter> {
    const broker = await Broker.dial(options.kafka)
    const writer = new KafkaLogWriter(broker, options)
    try {
      await broker.create(drcTopic(options.zone), topicConfig)
      return writer
    } catch (error) {
      await writer[Symbol.asyncDispose]()
      throw error
    }
  }

  async last(): Promise<Position> {
    const bounds = await this.#broker.bounds(this.#topic)
    if (bounds === null || bounds.start >= bounds.end) return new Map()
    const newest = (await this.#broker.fetch(this.#topic, bounds.end - 1n))?.[0]
    if (newest === undefined)
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'Kafka did not give the newest record of the log')
    return positionAfter(parseRecord(newest.value))
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const message = toMessage(record)
      this.#waiting.push({ record, message })
      this.#bytes += message.value.length
    }
    this.#flushing ??= this.#flush()
    while (this.#bytes > limits.batchBytesMax && !this.#failure) await this.#flushing
    if (this.#failure) throw this.#failure.error
  }

  /** Aborted, with the reason, when a batch could not be written: a quiet source would not notice. */
  get broken(): AbortSignal {
    return this.#broken.signal
  }

  /** Resolves when everything that was appended is safe. */
  async settled(): Promise<void> {
    await this.#flushing
    if (this.#failure) throw this.#failure.error
  }

  async #flush(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#nextBatch()
        await this.#broker.produce(
          this.#topic,
          batch.map(({ message }) => message),
        )
        this.#logged?.(batch.map(({ record }) => record))
      }
    } catch (error) {
      this.#lose(error)
    } finally {
      this.#flushing = null
    }
  }

  /** The first reason stays. */
  #lose(error: unknown): void {
    this.#failure ??= { error }
    this.#broken.abort(this.#failure.error)
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ message }, index) => {
      bytes += message.value.length
      return index > 0 && (bytes > limits.batchBytesMax || index >= limits.batchRecordsMax)
    })
    const batch = this.#waiting.slice(0, end < 0 ? this.#waiting.length : end)
    this.#waiting = this.#waiting.slice(batch.length)
    this.#bytes -= batch.reduce((sum, { message }) => sum + message.value.length, 0)
    return batch
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= { error: new EzoneError('EZ_INTERRUPTED', 'the log writer was closed') }
    await this.#broker[Symbol.asyncDispose]()
  }
}

/** By bytes alone: by time the newest record could go too, and with it the relay's position. */
const topicConfig = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': String(limits.logBytesMax),
  'segment.bytes': String(limits.logSegmentBytes),
  'max.message.bytes': String(limits.topicBatchBytesMax),
}
