import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Clock,
  currentTrace,
  formatTrace,
  newTrace,
  type Order,
  type OrderEvent,
  orderEventsTopic,
  type ServiceContext,
  traceHeader,
} from '@ezone/sdk'
import type { KafkaLink } from './kafka-link.ts'

/** Events that wait for Kafka. Beyond, the oldest are dropped and counted: they only wake. */
const waitingMax = 10_000
const batchMax = 500
const againMs = 500
/** Events of so long go together: each message to the broker costs it more than all that is in it. */
const gatherMs = 20

interface Waiting {
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

/** Tells of changes of orders on the zone's Kafka, in the order in which they were told here, without making anybody wait. */
export class OrderEvents {
  readonly #kafka: KafkaLink
  readonly #clock: Clock
  readonly #log: ServiceContext['log']
  readonly #signal: AbortSignal
  readonly #waiting: Waiting[] = []
  readonly counts = { sent: 0, dropped: 0 }
  #sending = false

  constructor({ clock, log, signal }: Pick<ServiceContext, 'clock' | 'log' | 'signal'>, kafka: KafkaLink) {
    this.#kafka = kafka
    this.#clock = clock
    this.#log = log
    this.#signal = signal
  }

  /** Returns at once; it is sent when it can be. */
  tell(order: Order, version: string): void {
    const { orderId, shard, cell, state, zone, epoch } = order
    const event: OrderEvent = { orderId, shard, cell, state, version, atMs: Math.floor(this.#clock.nowMs()) }
    const headers = {
      zone,
      shard: String(shard),
      epoch: String(epoch),
      [traceHeader]: formatTrace(currentTrace() ?? newTrace()),
    }
    this.#waiting.push({ key: orderId, value: JSON.stringify(event), headers })
    if (this.#waiting.length > waitingMax) {
      this.#waiting.shift()
      this.counts.dropped++
    }
    if (!this.#sending) void this.#send()
  }

  async #send(): Promise<void> {
    this.#sending = true
    let told = false
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      await sleep(gatherMs, undefined, { signal: this.#signal, ref: false }).catch(() => {})
      const batch = this.#waiting.slice(0, batchMax)
      const droppedBefore = this.counts.dropped
      const sent = await this.#kafka.send(batch.map((one) => ({ topic: orderEventsTopic, ...one }))).then(
        () => true,
        (error: unknown) => {
          if (!told) this.#log.warn({ err: error }, 'Kafka takes no order events; trying on')
          told = true
          return false
        },
      )
      if (sent) {
        // What overflowed meanwhile was dropped from the front: only what is still there is taken off.
        this.#waiting.splice(0, Math.max(0, batch.length - (this.counts.dropped - droppedBefore)))
        this.counts.sent += batch.length
      } else await sleep(againMs, undefined, { signal: this.#signal, ref: false }).catch(() => {})
    }
    this.#sending = false
  }
}
