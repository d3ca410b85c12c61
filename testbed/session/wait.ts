import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { currentStatus } from './current.ts'
import type { Phase } from './phases.ts'

const lookEveryMs = 200

/** @throws EZ_WAIT_TIMEOUT naming the state it was in at the end */
export async function waitForPhase(
  name: string,
  wanted: Phase,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Phase> {
  const late = AbortSignal.timeout(timeoutMs)
  for (;;) {
    const phase = await phaseNow(name, signal)
    if (phase === wanted) return phase
    signal.throwIfAborted()
    if (late.aborted)
      throw new EzoneError('EZ_WAIT_TIMEOUT', `testbed ${name} was still ${phase} after ${timeoutMs / 1000} s`)
    await sleep(lookEveryMs, undefined, { signal })
  }
}

async function phaseNow(name: string, signal: AbortSignal): Promise<Phase> {
  try {
    return (await currentStatus(name, signal)).status.state
  } catch (error) {
    if (EzoneError.is(error, 'EZ_NO_TESTBED')) return 'absent'
    throw error
  }
}
