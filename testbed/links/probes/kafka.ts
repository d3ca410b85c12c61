import type { OpenProbe } from './probe.ts'
import { sized, Wire } from './wire.ts'

/**
 * Kafka: ApiVersions 0, which every broker answers by itself, without a login, whatever its version.
 *
 *   request:  size 10 | key 18 | version 0 | correlation id | client id null
 *   response: size | correlation id | error | ...
 */
const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])

export const openKafka: OpenProbe = async (address, _, signal) => {
  const wire = await Wire.open(address, signal)
  const ping = async (until: AbortSignal) => {
    const answer = await wire.request(request, sized, until)
    const error = answer.readInt16BE(8)
    if (error !== 0) throw new Error(`Kafka answers ApiVersions with error ${error}`)
  }
  try {
    await ping(signal)
  } catch (error) {
    wire.close()
    throw error
  }
  return { ping, [Symbol.asyncDispose]: async () => wire.close() }
}
