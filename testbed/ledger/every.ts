import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Looks again and again, the next time so long after the last one has ended, until the signal fires; what is under way
 * then is let end. Who cannot be asked now is asked again: in a run that breaks things that is no error.
 */
export async function every(ms: number, look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look().catch(() => undefined)
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}
