import type { Address, ServiceContext } from '@ezone/sdk'
import { orderEventsTopic } from '@ezone/sdk'
import { consume, KafkaProducer, type KafkaRecord } from '@ezone/sdk/kafka'

/**
 * The zone's Kafka. It is listened to from the first record that is sent on: an idle service does without its client.
 * What is heard is only a reason to look into the database.
 */
export class KafkaLink implements AsyncDisposable {
  readonly #broker: Address
  readonly #context: Pick<ServiceContext, 'log' | 'signal'>
  readonly #clientId: string
  readonly #onEvent: (value: string) => void
  readonly #producer: KafkaProducer
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
    this.#producer = new KafkaProducer(options)
  }

  /** Resolves when the broker has written them. */
  async send(records: readonly KafkaRecord[]): Promise<void> {
    await this.#producer.send(records)
    if (!this.#listening) this.#listen()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]()
  }

  /** Joins the group of the zone's dispatchers: each event wakes one of them, which is enough, as any does all. */
  #listen(): void {
    this.#listening = true
    const who = { broker: this.#broker, clientId: this.#clientId, group: 'dispatch', topics: [orderEventsTopic] }
    void consume({ ...who, from: 'now', onRecord: ({ value }) => this.#onEvent(value) }, this.#context)
  }
}
