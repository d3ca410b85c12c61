import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '@ezone/sdk/model'
import { childEnv } from '../surroundings/env.ts'

const readyMsMax = 30_000

/** A service of ours, running as a program. `end` is SIGTERM and waits; `kill` is SIGKILL. Both tell how it ended. */
export interface RunningProgram {
  readonly address: Address
  readonly url: string
  readonly child: ChildProcess
  readonly configFile: string
  readonly lines: readonly string[]
  end(): Promise<number | string | null>
  kill(): Promise<number | string | null>
}

export function runProgram(options: {
  readonly entry: string
  readonly configFile: string
  readonly address: Address
  readonly env: NodeJS.ProcessEnv
}): RunningProgram {
  const { entry, configFile, address, env } = options
  const child = spawn(process.execPath, ['--conditions=ezone-source', entry], {
    env: childEnv({ ...env, EZONE_SERVICE_CONFIG: configFile }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trimEnd().split('\n')))
  const send = async (signal: NodeJS.Signals) => {
    const closed = child.exitCode ?? child.signalCode
    if (closed !== null) return closed
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code, by] = (await exit) as [number | null, string | null]
    return code ?? by
  }
  const url = `http://${address.host}:${address.port}`
  return { address, url, child, configFile, lines, end: () => send('SIGTERM'), kill: () => send('SIGKILL') }
}

/** Waits until it can serve; throws with all that it said when it ended, or when its time is over. */
export async function programReady({ url, child, lines }: RunningProgram): Promise<void> {
  const signal = AbortSignal.timeout(readyMsMax)
  let last = 'no answer'
  for (;;) {
    const answer = await fetch(`${url}/readyz`, { signal }).catch(() => null)
    if (answer?.ok) return void (await answer.body?.cancel())
    last = answer === null ? last : await answer.text().catch(() => last)
    if (child.exitCode !== null || child.signalCode !== null || signal.aborted)
      throw new Error(`the service at ${url} did not become ready (${last.trim()}):\n${lines.join('\n')}`)
    await sleep(50)
  }
}
