import type { OpenProbe } from './probe.ts'
import { Wire } from './wire.ts'

/** Redis: AUTH where there is a password, then PING, as one line each way. */
export const openRedis: OpenProbe = async (address, { user, password }, signal) => {
  const wire = await Wire.open(address, signal)
  const send = async (words: readonly string[], wanted: string, until: AbortSignal) => {
    const answer = (await wire.request(command(words), line, until)).toString('latin1').trimEnd()
    if (answer !== wanted) throw new Error(`Redis answers ${words[0]} with ${answer}`)
  }
  const ping = (until: AbortSignal) => send(['PING'], '+PONG', until)
  try {
    if (password !== undefined) await send(['AUTH', ...(user === undefined ? [] : [user]), password], '+OK', signal)
    await ping(signal)
  } catch (error) {
    wire.close()
    throw error
  }
  return { ping, [Symbol.asyncDispose]: async () => wire.close() }
}

function command(words: readonly string[]): Buffer {
  return Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  )
}

function line(bytes: Buffer): number | null {
  const end = bytes.indexOf('\r\n')
  return end < 0 ? null : end + 2
}
