import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EnvHttpProxyAgent, fetch, type Response } from 'undici'
import { measured } from '../measured.ts'

const limits = { downloadMs: 600_000, silenceMs: 30_000, textMs: 30_000, textBytes: 4 * 1024 * 1024 } as const

/** Saves what an address answers, and says what it was. Proxies are honoured as the environment names them. */
export async function download(
  url: string,
  file: string,
  signal: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  await using agent = silentAgent()
  const response = await get(url, agent, AbortSignal.any([signal, AbortSignal.timeout(limits.downloadMs)]))
  const hash = createHash('sha256')
  const meter = measured(hash)
  await pipeline(Readable.from(response.body ?? []), meter, createWriteStream(file), { signal })
  return { sha256: hash.digest('hex'), bytes: meter.bytes }
}

/** A small text, such as a checksum file. */
export async function contentOf(url: string, signal: AbortSignal): Promise<string> {
  await using agent = silentAgent()
  const response = await get(url, agent, AbortSignal.any([signal, AbortSignal.timeout(limits.textMs)]))
  let text = ''
  for await (const chunk of Readable.from(response.body ?? [])) {
    text += Buffer.from(chunk).toString('utf8')
    if (text.length > limits.textBytes) throw new Error(`${url} is no checksum file: it is too large`)
  }
  return text
}

/** Gives up on a server that stays silent, and closes its connections at the end. */
function silentAgent(): EnvHttpProxyAgent & AsyncDisposable {
  const agent = new EnvHttpProxyAgent({ headersTimeout: limits.silenceMs, bodyTimeout: limits.silenceMs })
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.destroy() })
}

async function get(url: string, dispatcher: EnvHttpProxyAgent, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { dispatcher, signal }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new Error(`${url} does not answer: ${cause}`, { cause: error })
  })
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${response.statusText}`)
  return response
}
