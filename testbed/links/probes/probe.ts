import type { Address } from '@ezone/sdk/model'

/** What a probe logs in with; protocols without a login ignore it. */
export interface ProbeCredentials {
  readonly user?: string
  readonly password?: string
}

/**
 * One open connection to one door. A ping that is given up closes the connection, since its answer may still come and
 * would be taken for that of the next one.
 */
export interface Probe extends AsyncDisposable {
  /** The cheapest request there is, and its whole answer. @throws where there is none before the signal ends it */
  ping(signal: AbortSignal): Promise<void>
}

/** @throws where the door does not let the probe in before the signal ends it */
export type OpenProbe = (address: Address, credentials: ProbeCredentials, signal: AbortSignal) => Promise<Probe>
