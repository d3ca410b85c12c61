import type { OpenProbe } from './probe.ts'
import { sized, Wire } from './wire.ts'

const sessionMs = 10_000
const pingXid = -2
const pingOp = 11
const closeOp = -11

/**
 * ZooKeeper: a session of its own, then the ping that keeps a session alive. Closed politely, or the server would keep the
 * session until it times out.
 *
 *   connect: size | protocol 0 | last zxid | timeout | session | password | read-only
 *   request: size | xid | op
 *   answer:  size | xid | zxid | error
 */
export const openZookeeper: OpenProbe = async (address, _, signal) => {
  const wire = await Wire.open(address, signal)
  const ping = async (until: AbortSignal) => {
    const answer = await wire.request(header(pingXid, pingOp), sized, until)
    const xid = answer.readInt32BE(4)
    const error = answer.readInt32BE(16)
    if (xid !== pingXid || error !== 0) throw new Error(`ZooKeeper answers a ping with xid ${xid}, error ${error}`)
  }
  try {
    const session = await wire.request(connectRequest(), sized, signal)
    // A server refuses a session by granting none of the time that was asked for.
    if (session.readInt32BE(8) === 0) throw new Error('ZooKeeper refuses the session')
  } catch (error) {
    wire.close()
    throw error
  }
  return { ping, [Symbol.asyncDispose]: async () => wire.close(header(1, closeOp)) }
}

function connectRequest(): Buffer {
  const passwordBytes = 16
  const bytes = Buffer.alloc(4 + 28 + passwordBytes + 1)
  bytes.writeInt32BE(bytes.length - 4, 0)
  bytes.writeInt32BE(sessionMs, 16)
  bytes.writeInt32BE(passwordBytes, 28)
  return bytes
}

function header(xid: number, op: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeInt32BE(8, 0)
  bytes.writeInt32BE(xid, 4)
  bytes.writeInt32BE(op, 8)
  return bytes
}
