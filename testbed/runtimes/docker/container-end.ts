import { setTimeout } from 'node:timers/promises'
import { type Engine, engineLimits } from './engine.ts'
import { statusOf } from './refusals.ts'

/** While somebody else removes a container, ms. */
const askAgainMs = 100

/** Ends a container: politely for `graceMs`, then at once. Its log and its name stay. */
export async function endContainer(
  engine: Engine,
  id: string,
  options: { readonly graceMs: number; readonly signal: AbortSignal },
): Promise<void> {
  // The kill itself is not given up when the caller does: a server that stays behind is worse than a late answer.
  const always = new AbortController().signal
  if (options.graceMs > 0 && !options.signal.aborted) {
    await signalContainer(engine, id, 'SIGTERM', always)
    if (await goneWithin(engine, id, options)) return
  }
  await signalContainer(engine, id, 'SIGKILL', always)
  await engine.find(`end container ${id}`, always, (docker, abortSignal) =>
    docker.getContainer(id).wait({ abortSignal }),
  )
}

/** Sends a signal to what runs in a container; one that does not run any more is no error. */
export async function signalContainer(
  engine: Engine,
  id: string,
  signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
  until: AbortSignal,
): Promise<void> {
  try {
    await engine.find(`send ${signal} to container ${id}`, until, (docker, abortSignal) =>
      docker.getContainer(id).kill({ signal, abortSignal }),
    )
  } catch (error) {
    // Not running any more.
    if (statusOf(error) !== 409) throw error
  }
}

async function goneWithin(
  engine: Engine,
  id: string,
  { graceMs, signal }: { readonly graceMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const grace = AbortSignal.any([signal, AbortSignal.timeout(graceMs)])
  try {
    await engine.find(`wait for container ${id}`, grace, (docker, abortSignal) =>
      docker.getContainer(id).wait({ abortSignal }),
    )
    return true
  } catch (error) {
    if (grace.aborted) return false
    throw error
  }
}

/** Removes containers whatever state they are in, and waits until the engine no longer lists any of them. */
export async function removeContainers(engine: Engine, ids: readonly string[], signal: AbortSignal): Promise<void> {
  await Promise.all(ids.map((id) => removeContainer(engine, id, signal)))
}

async function removeContainer(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  const ended = AbortSignal.timeout(engineLimits.callMs)
  for (;;) {
    try {
      await engine.find(`remove container ${id}`, signal, (docker, abortSignal) =>
        docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      )
      return
    } catch (error) {
      if (statusOf(error) !== 409 || ended.aborted) throw error
    }
    // Somebody else removes it at this moment. Asked again until it is gone or theirs failed: a wait for its removal
    // that the engine begins just as that ends never returns (moby's `State.Wait` takes the next removal's channel).
    // Given up by the caller, the next call says so, with the caller's own reason.
    await setTimeout(askAgainMs, undefined, { signal }).catch(() => undefined)
  }
}
