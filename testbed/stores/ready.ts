import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { portOf, type Spec } from '../topology/blueprint.ts'
import type { Credentials } from './credentials.ts'

/** Looks once whether a server serves, in its own protocol. Resolves if it does; throws what it found otherwise. */
export type Probe<S extends Spec> = (spec: S, looking: Looking) => Promise<void>

export interface Looking {
  /** The host's address of a port of the spec. */
  readonly door: (port: string) => Address
  readonly credentials: Credentials
  readonly signal: AbortSignal
}

export interface WaitReadyOptions {
  readonly credentials: Credentials
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** One look may take so long; a server that accepts and then says nothing is asked again. */
const lookMsMax = 2_000

/**
 * Looks until the probe finds it serving. A deadline of the signal (AbortSignal.timeout) ends it with EZ_NOT_READY and what
 * the last look found; any other abort with its own reason.
 */
export async function lookUntilReady<S extends Spec>(
  spec: S,
  probe: Probe<S>,
  { credentials, everyMs, signal }: WaitReadyOptions,
): Promise<void> {
  let found: unknown
  while (!signal.aborted) {
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(lookMsMax)])
      return await probe(spec, { door: (port) => doorOf(spec, port), credentials, signal: limited })
    } catch (error) {
      if (signal.aborted) break
      found = error
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
  if ((signal.reason as { name?: string })?.name !== 'TimeoutError') throw signal.reason
  const why = found instanceof Error ? found.message : 'it did not answer'
  throw new EzoneError('EZ_NOT_READY', `${spec.id} does not serve: ${why}`, { cause: found })
}

function doorOf(spec: Spec, name: string): Address {
  const port = portOf(spec, name)
  if (port === undefined) throw new TypeError(`${spec.id} has no port ${name}`)
  return port.host
}
