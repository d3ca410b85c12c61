import { type Address, drcTopic, orderEventsTopic, traceHeader } from '@ezone/sdk/model'
import type { Trace } from './facts.ts'

const requestMs = 2_000
/** Looked through from the end: what is older is not found. */
const recordsMax = 2_000n
const bytesMax = 4 * 1024 * 1024
const fetchesMax = 20

/** Records of a zone's Kafka that carry the trace: the order's event, and the change on its way to other zones. */
export async function kafkaTrail(
  zone: string,
  { host, port }: Address,
  traceId: string,
  signal: AbortSignal,
): Promise<readonly Trace[]> {
  const { Connection, fetchV12, listOffsetsV9 } = await import('@platformatic/kafka')
  const connection = new Connection('ezone-explain', { connectTimeout: requestMs, requestTimeout: requestMs })
  connection.on('error', () => undefined)
  try {
    await connection.connect(host, port)
    const found: Trace[] = []
    for (const topic of [orderEventsTopic, drcTopic(zone)]) {
      const offsetAt = async (timestamp: bigint) => {
        const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }]
        const answer = await listOffsetsV9.api.async(connection, -1, 0, [{ name: topic, partitions }])
        return answer.topics[0]?.partitions[0]?.offset ?? 0n
      }
      // A topic that is not there yet holds nothing.
      const [start, end] = await Promise.all([offsetAt(-2n), offsetAt(-1n)]).catch(() => [0n, 0n] as const)
      let next = end - recordsMax > start ? end - recordsMax : start
      for (let fetch = 0; next < end && fetch < fetchesMax && !signal.aborted; fetch++) {
        const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset: next, lastFetchedEpoch: -1 }
        const wanted = [{ topicId: topic, partitions: [{ ...partition, partitionMaxBytes: bytesMax }] }]
        const answer = await fetchV12.api.async(connection, 100, 1, bytesMax, 0, 0, -1, wanted, [], '')
        const batches = answer.responses[0]?.partitions[0]?.records ?? []
        const before = next
        for (const { firstOffset, firstTimestamp, records } of batches)
          for (const { offsetDelta, timestampDelta, headers } of records) {
            const offset = firstOffset + BigInt(offsetDelta)
            if (offset < next) continue
            next = offset + 1n
            if (!carries(headers, traceId)) continue
            const at = new Date(Number(firstTimestamp) + Number(timestampDelta)).toISOString()
            found.push({ at, where: `${zone}/kafka`, text: `record ${offset} of ${topic} carries it in its header` })
          }
        if (next === before) break
      }
    }
    return found
  } finally {
    await connection.close()
  }
}

function carries(headers: Iterable<readonly [Buffer | null, Buffer | null]>, traceId: string): boolean {
  for (const [name, value] of headers)
    if (name?.toString() === traceHeader && value?.toString().includes(traceId)) return true
  return false
}
