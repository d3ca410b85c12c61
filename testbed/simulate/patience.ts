import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'

/** Between two tries; and how often it is tried: through a switch, a restart of a store, a link that is cut for a while. */
const againMs = 500
const triesMax = 60

/**
 * Does something again while the platform says that it may work later. Only for what is safe to repeat: a read, or a
 * write with its key.
 */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!EzoneError.is(error) || !error.retryable || tries === triesMax) throw error
    }
    await sleep(againMs, undefined, { signal })
  }
}
