import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, ServiceContext } from '@ezone/sdk'
import { orderEventsTopic } from '@ezone/sdk'
import type { Consumer, Producer } from '@platformatic/kafka'

const timeoutMs = 3_000
const listenAgainMs = 5_000

export interface KafkaRecord {
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

type Text<K> = K extends 'producer'
  ? Producer<string, string, string, string>
  : Consumer<string, string, string, string>

/**
 * The zone's Kafka, loaded with the first record that is sent (its client takes 50 MB and 0.4 s): an idle service does
 * without it. What is heard is only a reason to look into the database.
 */
export class KafkaLink implements AsyncDisposable {
  readonly #broker: Address
  readonly #context: Pick<ServiceContext, 'log' | 'signal'>
  readonly #clientId: string
  readonly #onEvent: (value: string) => void
  #producer: Promise<Text<'producer'>> | null = null
  #listening = false

  constructor(options: {
    readonly broker: Address
    readonly clientId: string
    readonly context: Pick<ServiceContext, 'log' | 'signal'>
    /** Called with every order event of the zone, whoever made it. */
    readonly onEvent: (value: string) => void
  }) {
    this.#broker = options.broker
    this.#clientId = options.clientId
    this.#context = options.context
    this.#onEvent = options.onEvent
  }

  /** Resolves when the broker has written them. */
  async send(records: readonly KafkaRecord[]): Promise<void> {
    this.#producer ??= this.#makeProducer()
    const producer = await this.#producer
    const messages = records.map(({ topic, key, value, headers }) => ({
      topic,
      key,
      value,
      headers: new Map(Object.entries(headers)),
    }))
    await producer.send({ messages, acks: 1 })
    if (!this.#listening) void this.#listen()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const producer = await this.#producer?.catch(() => null)
    await producer?.close(true)
  }

  async #makeProducer(): Promise<Text<'producer'>> {
    const { Producer, stringSerializers } = await import('@platformatic/kafka')
    return new Producer({ ...this.#base(), serializers: stringSerializers, autocreateTopics: true, retries: 1 })
  }

  /** Joins the group of the zone's dispatchers: each event wakes one of them, which is enough, as any does all. */
  async #listen(): Promise<void> {
    this.#listening = true
    const { signal, log } = this.#context
    while (!signal.aborted) {
      try {
        await this.#listenOnce()
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'order events are not heard; dispatch looks by itself meanwhile')
      }
      await sleep(listenAgainMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  async #listenOnce(): Promise<void> {
    const { Consumer, stringDeserializers } = await import('@platformatic/kafka')
    const consumer = new Consumer({
      ...this.#base(),
      groupId: 'dispatch',
      deserializers: stringDeserializers,
      autocommit: false,
    })
    const close = () => void consumer.close(true).catch(() => {})
    this.#context.signal.addEventListener('abort', close, { once: true })
    try {
      const stream = await consumer.consume({ topics: [orderEventsTopic], mode: 'latest', maxWaitTime: 1_000 })
      for await (const { value } of stream) this.#onEvent(value)
    } finally {
      this.#context.signal.removeEventListener('abort', close)
      close()
    }
  }

  #base() {
    const { host, port } = this.#broker
    return {
      clientId: this.#clientId,
      bootstrapBrokers: [{ host, port }],
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
    }
  }
}
