import type { Address } from '@ezone/sdk/model'
import { ask } from './ask.ts'

/**
 * The two Kafka requests readiness needs, in the oldest versions a broker still answers. A client library would take
 * longer to load than the broker takes to start answering, and would retry where one look is wanted.
 *
 *   request:  size, api key, api version, correlation id, client id, body
 *   response: size, correlation id, body
 */
const apiVersions = { key: 18, version: 0, body: Buffer.alloc(0) }
/** Version 1, with an empty list of topics: brokers only. */
const metadata = { key: 3, version: 1, body: Buffer.alloc(4) }

/** Addresses of the brokers as this listener tells them to clients; empty while none has registered. */
export async function kafkaBrokers(address: Address, signal: AbortSignal): Promise<readonly Address[]> {
  const requests = [apiVersions, metadata].map(({ key, version, body }, id) => frame(key, version, id, body))
  const answer = await ask(address, Buffer.concat(requests), (bytes) => frames(bytes).length >= 2, signal)
  const [versions, brokers] = frames(answer)
  if (versions === undefined || brokers === undefined) throw new Error('Kafka closed the connection')
  const error = versions.readInt16BE(4)
  if (error !== 0) throw new Error(`Kafka answers ApiVersions with error ${error}`)
  return brokersIn(brokers)
}

function frame(key: number, version: number, correlation: number, body: Buffer): Buffer {
  const client = Buffer.from('ezone')
  const header = Buffer.alloc(14)
  header.writeInt32BE(10 + client.length + body.length, 0)
  header.writeInt16BE(key, 4)
  header.writeInt16BE(version, 6)
  header.writeInt32BE(correlation, 8)
  header.writeInt16BE(client.length, 12)
  return Buffer.concat([header, client, body])
}

/** The whole frames so far, without their sizes. */
function frames(bytes: Buffer): readonly Buffer[] {
  if (bytes.length < 4) return []
  const end = 4 + bytes.readInt32BE(0)
  return bytes.length < end ? [] : [bytes.subarray(4, end), ...frames(bytes.subarray(end))]
}

/** Metadata response 1: brokers as (node id, host, port, rack), then what is not needed here. */
function brokersIn(response: Buffer): readonly Address[] {
  const brokers: Address[] = []
  let at = 8
  for (let left = response.readInt32BE(4); left > 0; left--) {
    const hostLength = response.readInt16BE(at + 4)
    const host = response.toString('utf8', at + 6, at + 6 + hostLength)
    const port = response.readInt32BE(at + 6 + hostLength)
    // A null rack has length -1.
    const rackLength = Math.max(0, response.readInt16BE(at + 10 + hostLength))
    brokers.push({ host, port })
    at += 12 + hostLength + rackLength
  }
  return brokers
}
