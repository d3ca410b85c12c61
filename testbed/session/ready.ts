import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import type { Observed, Runtime } from '../runtimes/runtime.ts'
import { waitReady } from '../stores/registry.ts'
import type { Spec } from '../topology/blueprint.ts'
import type { Testbed } from './testbed.ts'

const probeEveryMs = 60
const probeMs = 1_000
const linesShown = 12

/**
 * Waits until a started spec serves, asked in its own protocol. A program that ends meanwhile, or is not ready in time,
 * is an error that carries its last lines, and nobody else's.
 */
export async function untilReady(
  started: Observed,
  spec: Spec,
  {
    runtime,
    testbed,
    signal,
    deadlineMs,
  }: {
    runtime: Runtime
    testbed: Pick<Testbed, 'credentials'>
    signal: AbortSignal
    deadlineMs: number
  },
): Promise<void> {
  const settled = new AbortController()
  const stop = AbortSignal.any([signal, settled.signal])
  const late = AbortSignal.timeout(deadlineMs)
  try {
    await Promise.race([serves(spec, testbed, AbortSignal.any([stop, late])), died(runtime, started, spec, stop)])
  } catch (error) {
    signal.throwIfAborted()
    if (!late.aborted || EzoneError.is(error, 'EZ_SERVER_DIED')) throw error
    const lines = await runtime.tail(spec.id, linesShown)
    throw new EzoneError('EZ_NOT_READY', `${spec.id} was not ready within ${deadlineMs / 1000} s${quoted(lines)}`, {
      cause: error,
    })
  } finally {
    settled.abort()
  }
}

function serves(spec: Spec, testbed: Pick<Testbed, 'credentials'>, signal: AbortSignal): Promise<void> {
  if (spec.kind === 'service') return serviceAnswers(spec.ports[0]?.host, signal)
  return waitReady(spec, { credentials: testbed.credentials, everyMs: probeEveryMs, signal })
}

async function serviceAnswers(address: Address | undefined, signal: AbortSignal): Promise<void> {
  if (address === undefined) throw new TypeError('a service without a door cannot become ready')
  while (!(await httpOk(address, signal))) await sleep(probeEveryMs, undefined, { signal })
}

/** GET /readyz answers 200. Everything else, silence included, is no. */
export function httpOk({ host, port }: Address, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(probeMs)])
    const asking = request({ host, port, path: '/readyz', signal: limit, agent: false }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode === 200))
    })
    asking.on('error', () => resolve(false))
    asking.end()
  })
}

async function died(runtime: Runtime, started: Observed, spec: Spec, signal: AbortSignal): Promise<void> {
  while (await runtime.isRunning(started)) await sleep(probeEveryMs * 2, undefined, { signal })
  throw new EzoneError(
    'EZ_SERVER_DIED',
    `${spec.id} ended while it was starting${quoted(await runtime.tail(spec.id, linesShown))}`,
  )
}

/** The lines of the failing server, set off from the sentence. */
export function quoted(lines: readonly string[]): string {
  return lines.length === 0
    ? '; it printed nothing'
    : `; its last lines:\n${lines.map((line) => `    | ${line}`).join('\n')}`
}
