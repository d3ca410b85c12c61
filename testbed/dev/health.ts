import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '@ezone/sdk/model'

const lookEveryMs = 50
const lookMs = 1_000
const shownMax = 300

/** Asks until it answers 200, or the signal ends it: then what it answered last is told. */
export async function untilHealthy(address: Address, path: string, signal: AbortSignal): Promise<string | null> {
  let last = 'no answer'
  while (!signal.aborted) {
    const { ok, said } = await look(address, path, signal)
    if (ok) return null
    last = said
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
  return last
}

function look({ host, port }: Address, path: string, signal: AbortSignal): Promise<{ ok: boolean; said: string }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
  return new Promise((resolve) => {
    const asking = get({ host, port, path, agent: false, signal: limit }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text = (text + chunk).slice(0, shownMax)
      })
      answer.on('close', () => resolve({ ok: answer.statusCode === 200, said: `${answer.statusCode} ${text.trim()}` }))
    })
    asking.on('error', (error) => resolve({ ok: false, said: error.message }))
  })
}
