import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Message, MessagesStream } from '@platformatic/kafka'
import type { Address } from '../model/index.ts'
import { base } from './base.ts'
import type { KafkaRecord } from './record.ts'

const joinAgainMs = 5_000
const takeAgainMs = 500
/** Whoever was killed is out of the group after so long; until then nobody hears what was its own. */
const memberMs = 10_000
const heartbeatMs = 2_000
/** To leave the group, so that the next life need not wait for that. */
const leaveMs = 2_000
const leaveTries = 10
const leaveAgainMs = 100
/** Records done at most before that is noted; it is noted sooner where no other record waits. */
const notedMax = 100

type Text = Message<string, string, string, string>

export interface Consuming {
  /** The zone's own Kafka. */
  readonly broker: Address
  readonly clientId: string
  /** Each record goes to one member of the group. */
  readonly group: string
  readonly topics: readonly string[]
  /**
   * `kept`: where the group has come to, at first the oldest record; a record is noted as done once it was taken, so it
   * comes at least once, whoever is killed. `now`: what comes from now on, and nothing is noted: to be woken.
   */
  readonly from: 'kept' | 'now'
  /** Takes a record. One that it throws at comes again until it is taken: nothing is skipped. */
  readonly onRecord: (record: KafkaRecord) => Promise<void> | void
}

/** What it stands on; a ServiceContext is one. */
export interface ConsumingContext {
  readonly log: { warn(what: object, text: string): void }
  readonly signal: AbortSignal
}

/** Reads topics until the service ends. Kafka may come later, or go and come again. */
export async function consume(consuming: Consuming, { log, signal }: ConsumingContext): Promise<void> {
  let told = false
  while (!signal.aborted) {
    try {
      await consumeOnce(consuming, { log, signal }, () => {
        told = false
      })
    } catch (error) {
      const { topics, group } = consuming
      if (!signal.aborted && !told) log.warn({ err: error, topics, group }, 'Kafka is not heard; trying on')
      told = true
    }
    await sleep(joinAgainMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

async function consumeOnce(consuming: Consuming, context: ConsumingContext, onHeard: () => void): Promise<void> {
  const { Consumer, stringDeserializers } = await import('@platformatic/kafka')
  const { broker, clientId, group, topics, from } = consuming
  const consumer: Consumer<string, string, string, string> = new Consumer({
    ...base(broker, clientId),
    groupId: group,
    deserializers: stringDeserializers,
    autocommit: false,
    autocreateTopics: true,
    sessionTimeout: memberMs,
    rebalanceTimeout: memberMs,
    heartbeatInterval: heartbeatMs,
  })
  let stream: MessagesStream<string, string, string, string> | undefined
  const stop = () => void stream?.destroy()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    const mode =
      from === 'now' ? ({ mode: 'latest' } as const) : ({ mode: 'committed', fallbackMode: 'earliest' } as const)
    stream = await consumer.consume({ topics: [...topics], ...mode, maxWaitTime: 1_000 })
    // What goes wrong is thrown below; this is for what goes wrong after that.
    stream.on('error', () => undefined)
    onHeard()
    const done = new Done()
    if (context.signal.aborted) return
    for await (const message of stream) {
      await taken(message, consuming, context)
      if (context.signal.aborted) return
      if (from === 'kept') await done.note(message, stream.readableLength === 0)
    }
  } finally {
    context.signal.removeEventListener('abort', stop)
    stop()
    await Promise.race([leave(consumer), sleep(leaveMs, undefined, { ref: false })])
  }
}

/**
 * Leaves the group. It must be tried again where it fails: a member that stays keeps its partitions as long as this
 * process lives, and nobody hears them.
 */
async function leave(consumer: Consumer<string, string, string, string>): Promise<void> {
  for (let tries = 0; tries < leaveTries; tries++) {
    try {
      return await consumer.close(true)
    } catch {
      await sleep(leaveAgainMs, undefined, { ref: false })
    }
  }
}

/** Returns when the record was taken, or the service ends. */
async function taken(message: Text, { onRecord }: Consuming, { log, signal }: ConsumingContext): Promise<void> {
  const { topic, key, value, headers, partition, offset } = message
  let told = false
  while (!signal.aborted) {
    try {
      return await onRecord({ topic, key: key ?? '', value: value ?? '', headers: Object.fromEntries(headers) })
    } catch (error) {
      const which = { topic, partition, offset: String(offset) }
      if (!told) log.warn({ err: error, ...which }, 'a record is not taken; trying on')
      told = true
      await sleep(takeAgainMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
}

/** The newest record of each partition that is done and not noted yet. */
class Done {
  readonly #newest = new Map<string, Text>()
  #count = 0

  async note(message: Text, last: boolean): Promise<void> {
    this.#newest.set(`${message.topic}/${message.partition}`, message)
    if (++this.#count < notedMax && !last) return
    const newest = [...this.#newest.values()]
    this.#newest.clear()
    this.#count = 0
    for (const one of newest) await one.commit()
  }
}
