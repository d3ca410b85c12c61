import type { Address } from '@ezone/sdk/model'
import { ask } from '../stores/ask.ts'

/** Just enough of ZooKeeper's protocol for a test to write a node and read it again. Each call is a session of its own. */
export async function createNode(address: Address, path: string, data: string): Promise<void> {
  const acl = [int(1), int(31), text('world'), text('anyone')]
  const { error } = await one(address, 1, [text(path), text(data), ...acl, int(0)])
  if (error !== 0) throw new Error(`ZooKeeper refuses to create ${path}: error ${error}`)
}

export async function readNode(address: Address, path: string): Promise<string> {
  const { error, body } = await one(address, 4, [text(path), Buffer.of(0)])
  if (error !== 0) throw new Error(`ZooKeeper refuses to read ${path}: error ${error}`)
  return body.toString('utf8', 4, 4 + body.readInt32BE(0))
}

/** Session, one request, good-bye. Answer: size, xid, zxid, error, body. */
async function one(address: Address, op: number, fields: readonly Buffer[]): Promise<{ error: number; body: Buffer }> {
  const hello = framed([int(0), Buffer.alloc(8), int(10_000), Buffer.alloc(8), int(16), Buffer.alloc(16), Buffer.of(0)])
  const request = framed([int(1), int(op), ...fields])
  const close = framed([int(2), int(-11)])
  const all = await ask(address, Buffer.concat([hello, request, close]), () => false, AbortSignal.timeout(10_000))
  const answer = all.subarray(4 + all.readInt32BE(0))
  if (answer.length < 20) throw new Error('ZooKeeper refuses the session')
  return { error: answer.readInt32BE(16), body: answer.subarray(20, 4 + answer.readInt32BE(0)) }
}

const int = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const text = (value: string) => Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)])

const framed = (fields: readonly Buffer[]) => {
  const body = Buffer.concat(fields)
  return Buffer.concat([int(body.length), body])
}
