import { type Address, EzoneError } from '@ezone/sdk/model'
import {
  Connection,
  createTopicsV7,
  fetchV12,
  findErrorBy,
  listOffsetsV9,
  type MessageRecord,
  produceV11,
} from '@platformatic/kafka'
import { limits } from '../limits.ts'

export interface Fetched {
  readonly offset: bigint
  readonly value: Buffer
}

/** Where a log begins and ends: the offset of its first record, and the one that the next record will have. */
export interface Bounds {
  readonly start: bigint
  readonly end: bigint
}

const partition = 0
const oldest = -2n
const newest = -1n

/**
 * One connection to the one broker of a zone's Kafka, and the few requests a log of one partition needs. No group, no
 * metadata, no retries of its own: every request has a deadline, and after any failure the connection is given up.
 */
export class Broker implements AsyncDisposable {
  readonly #connection: Connection

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @throws EZ_STORE_UNREACHABLE, as every request does */
  static async dial({ host, port }: Address): Promise<Broker> {
    const connection = new Connection('ezone-drc', {
      connectTimeout: limits.connectMs,
      requestTimeout: limits.produceMs,
      maxInflights: 4,
    })
    // A connection that breaks while nobody waits for an answer is found broken by the next request.
    connection.on('error', () => undefined)
    await answered(`dial ${host}:${port}`, Promise.resolve(connection.connect(host, port)))
    return new Broker(connection)
  }

  /** Told when the connection ends, whoever ended it; also where nobody waits for an answer. */
  onClosed(told: () => void): void {
    this.#connection.once('close', told)
  }

  /** Makes the topic, unless it is there. */
  async create(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const wanted = {
      name: topic,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    }
    try {
      await createTopicsV7.api.async(this.#connection, [wanted], limits.produceMs, false)
    } catch (cause) {
      if (!refusedAs(cause, 'TOPIC_ALREADY_EXISTS')) throw unreachable('create its topic', cause)
    }
  }

  /** null: there is no such topic (yet). */
  async bounds(topic: string): Promise<Bounds | null> {
    const ask = async (timestamp: bigint) => {
      const partitions = [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }]
      const answer = await listOffsetsV9.api.async(this.#connection, -1, 0, [{ name: topic, partitions }])
      return answer.topics[0]?.partitions[0]?.offset ?? 0n
    }
    try {
      return { start: await ask(oldest), end: await ask(newest) }
    } catch (cause) {
      if (refusedAs(cause, 'UNKNOWN_TOPIC_OR_PARTITION')) return null
      throw unreachable('say how far its log goes', cause)
    }
  }

  /**
   * Records from an offset on; waits up to `limits.fetchWaitMs` for the first. Empty where none came; null where that
   * offset is not in the log, or there is no log.
   */
  async fetch(topic: string, offset: bigint, bytesMax: number = limits.fetchBytesMax): Promise<Fetched[] | null> {
    const wanted = {
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: offset,
      lastFetchedEpoch: -1,
      partitionMaxBytes: bytesMax,
    }
    try {
      // Version 12 names topics by name (the field is called an id), session epoch -1 wants no session.
      const answer = await fetchV12.api.async(
        this.#connection,
        limits.fetchWaitMs,
        1,
        bytesMax,
        0,
        0,
        -1,
        [{ topicId: topic, partitions: [wanted] }],
        [],
        '',
      )
      const batches = answer.responses[0]?.partitions[0]?.records ?? []
      return batches.flatMap(({ firstOffset, records }) =>
        records
          .map(({ offsetDelta, value }) => ({
            offset: firstOffset + BigInt(offsetDelta),
            value: value ?? Buffer.alloc(0),
          }))
          // A batch comes whole, also what of it stands before the offset.
          .filter((record) => record.offset >= offset),
      )
    } catch (cause) {
      if (refusedAs(cause, 'OFFSET_OUT_OF_RANGE') || refusedAs(cause, 'UNKNOWN_TOPIC_OR_PARTITION')) return null
      throw unreachable('give records', cause)
    }
  }

  /** Adds records as one batch: all of them or none, in this order. Resolves when the broker has them. */
  async produce(topic: string, records: readonly Omit<MessageRecord, 'topic' | 'partition'>[]): Promise<void> {
    const messages = records.map((record) => ({ ...record, topic, partition }))
    await answered('take records', produceV11.api.async(this.#connection, -1, limits.produceMs, messages))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close()
  }
}

async function answered<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    throw unreachable(what, cause)
  }
}

const unreachable = (what: string, cause: unknown) =>
  new EzoneError('EZ_STORE_UNREACHABLE', `Kafka did not ${what}`, { cause })

const refusedAs = (error: unknown, apiId: string) =>
  error instanceof Error && findErrorBy(error, 'apiId', apiId) !== null
