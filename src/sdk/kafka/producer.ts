import type { Producer } from '@platformatic/kafka'
import type { Address } from '../model/index.ts'
import { base } from './base.ts'
import type { KafkaRecord } from './record.ts'

/**
 * Sends to the zone's Kafka. Its client is loaded with the first record that is sent (it takes 50 MB and 0.4 s): an idle
 * service does without it.
 */
export class KafkaProducer implements AsyncDisposable {
  readonly #broker: Address
  readonly #clientId: string
  #producer: Promise<Producer<string, string, string, string>> | null = null

  constructor(options: { readonly broker: Address; readonly clientId: string }) {
    this.#broker = options.broker
    this.#clientId = options.clientId
  }

  /** Resolves when the broker has written them. */
  async send(records: readonly KafkaRecord[]): Promise<void> {
    this.#producer ??= this.#make()
    const producer = await this.#producer
    const messages = records.map(({ topic, key, value, headers }) => ({
      topic,
      key,
      value,
      headers: new Map(Object.entries(headers)),
    }))
    await producer.send({ messages, acks: 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const producer = await this.#producer?.catch(() => null)
    await producer?.close(true)
  }

  async #make(): Promise<Producer<string, string, string, string>> {
    const { Producer, stringSerializers } = await import('@platformatic/kafka')
    const own = base(this.#broker, this.#clientId)
    return new Producer({ ...own, serializers: stringSerializers, autocreateTopics: true, retries: 1 })
  }
}
