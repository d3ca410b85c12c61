import { once } from 'node:events'
import { connect } from 'node:net'
import type { OpenProbe, Probe } from './probe.ts'

/** MySQL: a login, then COM_PING. */
export const openMysql: OpenProbe = async (address, { user, password }, signal) => {
  // Loaded here: a testbed's CLI that probes nothing shall not pay for it.
  const { createConnection } = await import('mysql2')
  signal.throwIfAborted()
  const stream = connect({ ...address, noDelay: true })
  const giveUp = () => stream.destroy(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await once(stream, 'connect')
    const connection = createConnection({
      stream,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
    })
    // Between two pings nobody waits for an answer, so nobody would hear of an error.
    connection.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => {
      stream.once('close', () => reject(signal.aborted ? signal.reason : new Error('MySQL closed the connection')))
      connection.connect((error) => (error === null ? resolve() : reject(error)))
    })
    return probeOf(connection)
  } catch (error) {
    stream.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

interface Pinging {
  ping(done: (error: Error | null) => void): void
  destroy(): void
}

function probeOf(connection: Pinging): Probe {
  return {
    ping: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const giveUp = () => {
          connection.destroy()
          reject(signal.reason)
        }
        signal.addEventListener('abort', giveUp, { once: true })
        connection.ping((error) => {
          signal.removeEventListener('abort', giveUp)
          error ? reject(error) : resolve()
        })
      }),
    [Symbol.asyncDispose]: async () => connection.destroy(),
  }
}
