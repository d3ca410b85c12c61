import { type Address, drcTopic, orderEventsTopic, traceHeader } from '@ezone/sdk/model'
import type { Connection } from '@platformatic/kafka'
import type { Trace } from './facts.ts'

const requestMs = 2_000
/** Looked through from the end of each partition: what is older is not found. */
const recordsMax = 2_000n
const bytesMax = 4 * 1024 * 1024
const fetchesMax = 20

interface Partition {
  readonly topic: string
  readonly index: number
}

/** Records of a zone's Kafka that carry the trace: the order's event, and the change on its way to other zones. */
export async function kafkaTrail(
  zone: string,
  { host, port }: Address,
  traceId: string,
  signal: AbortSignal,
): Promise<readonly Trace[]> {
  const { Connection } = await import('@platformatic/kafka')
  const connection = new Connection('ezone-explain', { connectTimeout: requestMs, requestTimeout: requestMs })
  connection.on('error', () => undefined)
  try {
    await connection.connect(host, port)
    const found: Trace[] = []
    for (const partition of await partitionsOf(connection, [orderEventsTopic, drcTopic(zone)]))
      for (const { at, offset } of await carriers(connection, partition, traceId, signal))
        found.push({
          at,
          where: `${zone}/kafka`,
          text: `record ${offset} of ${partition.topic} carries it in its header`,
        })
    return found
  } finally {
    await connection.close()
  }
}

/** Those of the topics that are there. */
async function partitionsOf(connection: Connection, wanted: readonly string[]): Promise<readonly Partition[]> {
  const { metadataV12 } = await import('@platformatic/kafka')
  const { topics } = await metadataV12.api.async(connection, null, false, false)
  return topics.flatMap(({ name, partitions }) =>
    name && wanted.includes(name)
      ? partitions.map(({ partitionIndex }) => ({ topic: name, index: partitionIndex }))
      : [],
  )
}

async function carriers(connection: Connection, partition: Partition, traceId: string, signal: AbortSignal) {
  const { fetchV12 } = await import('@platformatic/kafka')
  const [start, end] = [await offsetAt(connection, partition, -2n), await offsetAt(connection, partition, -1n)]
  let next = end - recordsMax > start ? end - recordsMax : start
  const found: { at: string; offset: bigint }[] = []
  for (let fetch = 0; next < end && fetch < fetchesMax && !signal.aborted; fetch++) {
    const from = { partition: partition.index, currentLeaderEpoch: -1, fetchOffset: next, lastFetchedEpoch: -1 }
    const wanted = [{ topicId: partition.topic, partitions: [{ ...from, partitionMaxBytes: bytesMax }] }]
    const answer = await fetchV12.api.async(connection, 100, 1, bytesMax, 0, 0, -1, wanted, [], '')
    const before = next
    for (const { firstOffset, firstTimestamp, records } of answer.responses[0]?.partitions[0]?.records ?? [])
      for (const { offsetDelta, timestampDelta, headers } of records) {
        const offset = firstOffset + BigInt(offsetDelta)
        // A batch comes whole, also what of it stands before the offset.
        if (offset < next) continue
        next = offset + 1n
        const at = new Date(Number(firstTimestamp) + Number(timestampDelta)).toISOString()
        if (carries(headers, traceId)) found.push({ at, offset })
      }
    if (next === before) break
  }
  return found
}

async function offsetAt(connection: Connection, { topic, index }: Partition, timestamp: bigint): Promise<bigint> {
  const { listOffsetsV9 } = await import('@platformatic/kafka')
  const partitions = [{ partitionIndex: index, currentLeaderEpoch: -1, timestamp }]
  const answer = await listOffsetsV9.api.async(connection, -1, 0, [{ name: topic, partitions }])
  return answer.topics[0]?.partitions[0]?.offset ?? 0n
}

function carries(headers: Iterable<readonly [Buffer | null, Buffer | null]>, traceId: string): boolean {
  for (const [name, value] of headers)
    if (name?.toString() === traceHeader && value?.toString().includes(traceId)) return true
  return false
}
