import type { Address, Clock } from '@ezone/sdk/model'

const askMs = 2_000

/** What a service's clock is ahead of ours, and how well that is known: half of what asking took. null: it did not say. */
export async function skewOf(
  { host, port }: Address,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly skewMs: number; readonly withinMs: number } | null> {
  const beginMs = clock.nowMs()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
  const text = await fetch(`http://${host}:${port}/metrics`, { signal: limit }).then(
    (answer) => answer.text(),
    () => '',
  )
  signal.throwIfAborted()
  const endMs = clock.nowMs()
  const seconds = /^ezone_clock_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1]
  if (seconds === undefined) return null
  return { skewMs: Number(seconds) * 1_000 - (beginMs + endMs) / 2, withinMs: (endMs - beginMs) / 2 }
}
