import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { kafkaBrokers } from './kafka-wire.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A listener that answers every connection with these bytes and closes it. */
async function answering(bytes: Buffer) {
  server = createServer((socket) => socket.on('error', () => {}).end(bytes))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
}

const frame = (...numbers: readonly [bytes: 2 | 4, value: number][]) => {
  const body = Buffer.concat(
    numbers.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes)
      field.writeIntBE(value, 0, bytes)
      return field
    }),
  )
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}
const versions = (error: number) => frame([4, 0], [2, error], [4, 0])
const noBrokers = frame([4, 1], [4, 0], [4, 1], [4, 0])

const soon = () => AbortSignal.timeout(5_000)

it('finds no broker where none has registered yet', async () => {
  expect(await kafkaBrokers(await answering(Buffer.concat([versions(0), noBrokers])), soon())).toEqual([])
})

it('does not take half an answer for one', async () => {
  const whole = Buffer.concat([versions(0), noBrokers])
  for (const cut of [0, 3, 10, whole.length - 1]) {
    const address = await answering(whole.subarray(0, cut))
    await expect(kafkaBrokers(address, soon())).rejects.toThrow('closed the connection')
    server?.close()
  }
})

it('does not take an error for an answer', async () => {
  const address = await answering(Buffer.concat([versions(35), noBrokers]))
  await expect(kafkaBrokers(address, soon())).rejects.toThrow('error 35')
})
