import { EzoneError } from '@ezone/sdk/errors'

/**
 * Does something within a limit. What does not hear its signal is over all the same: a drill that hangs in one of its
 * stages would never come to removing its faults.
 * @throws EZ_WAIT_TIMEOUT; the reason of the outer signal
 */
export async function bounded<T>(
  what: string,
  limitMs: number,
  outer: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted()
  const late = new AbortController()
  const seconds = Math.round(limitMs / 100) / 10
  const timer = setTimeout(
    () => late.abort(new EzoneError('EZ_WAIT_TIMEOUT', `${what} took longer than ${seconds} s`)),
    limitMs,
  )
  const signal = outer === null ? late.signal : AbortSignal.any([outer, late.signal])
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  // What it broke on its way out is not the reason.
  const done = work(signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
  try {
    return await Promise.race([done, over])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    done.catch(() => undefined)
  }
}
