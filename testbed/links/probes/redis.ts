import type { Address, Clock } from '@ezone/sdk/model'
import type { OpenProbe, ProbeCredentials } from './probe.ts'
import { Wire } from './wire.ts'

/** Redis: AUTH where there is a password, then PING, as one line each way. */
export const openRedis: OpenProbe = async (address, credentials, signal) => {
  const wire = await Wire.open(address, signal)
  const ping = (until: AbortSignal) => send(wire, ['PING'], '+PONG', until)
  try {
    await logIn(wire, credentials, signal)
    await ping(signal)
  } catch (error) {
    wire.close()
    throw error
  }
  return { ping, [Symbol.asyncDispose]: async () => wire.close() }
}

/** Milliseconds that a text of so many bytes takes there and back. @throws where it does not come back */
export async function echoRedis(
  address: Address,
  credentials: ProbeCredentials,
  { bytes, clock }: { readonly bytes: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<number> {
  using wire = await Wire.open(address, signal)
  await logIn(wire, credentials, signal)
  const beginMs = clock.monotonicMs()
  const answer = await wire.request(command(['ECHO', 'x'.repeat(bytes)]), bulk, signal)
  if (answer.length < bytes) throw new Error(`Redis answers ECHO with ${answer.toString('latin1', 0, 40)}`)
  return clock.monotonicMs() - beginMs
}

async function logIn(wire: Wire, { user, password }: ProbeCredentials, signal: AbortSignal): Promise<void> {
  if (password !== undefined) await send(wire, ['AUTH', ...(user === undefined ? [] : [user]), password], '+OK', signal)
}

async function send(wire: Wire, words: readonly string[], wanted: string, until: AbortSignal): Promise<void> {
  const answer = (await wire.request(command(words), line, until)).toString('latin1').trimEnd()
  if (answer !== wanted) throw new Error(`Redis answers ${words[0]} with ${answer}`)
}

function command(words: readonly string[]): Buffer {
  return Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  )
}

/** A text with its length before it; anything else is one line. */
function bulk(bytes: Buffer): number | null {
  const head = line(bytes)
  const length = /^\$(\d+)/.exec(bytes.toString('latin1', 0, 16))?.[1]
  return head === null || length === undefined ? head : head + Number(length) + 2
}

function line(bytes: Buffer): number | null {
  const end = bytes.indexOf('\r\n')
  return end < 0 ? null : end + 2
}
