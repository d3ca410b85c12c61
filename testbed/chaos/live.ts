import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from '../links/measure.ts'
import { PathProbe, silenceMs } from '../links/path-probe.ts'
import type { Path } from '../links/paths.ts'

/** One path while a fault lasts. `asking`: nothing was heard of it yet. */
export interface LivePath {
  readonly path: Path
  readonly state: 'asking' | 'answers' | 'silent'
  /** What its last answer took; null where there was none. */
  readonly ms: number | null
  /** How often it was asked, and how often it did not answer. */
  readonly asked: number
  readonly unanswered: number
}

const everyMs = 500

/** Asks every path again and again until the signal fires, each on a line of its own: one that is silent holds up no other. */
export async function watchLive(
  paths: readonly Path[],
  watching: {
    readonly credentialsOf: CredentialsOf
    readonly clock: Clock
    readonly show: (lines: readonly LivePath[]) => void
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { clock, signal } = watching
  const lines: LivePath[] = paths.map((path) => ({ path, state: 'asking', ms: null, asked: 0, unanswered: 0 }))
  const ask = async (path: Path, index: number) => {
    await using probe = new PathProbe(path, watching.credentialsOf)
    while (!signal.aborted) {
      const beginMs = clock.monotonicMs()
      const answers = await probe.answers(silenceMs(path), signal).catch(() => null)
      // Broken off, which says nothing of the path.
      if (answers === null) return
      const ms = answers ? clock.monotonicMs() - beginMs : null
      const { asked = 0, unanswered = 0 } = lines[index] ?? {}
      const state = answers ? 'answers' : 'silent'
      lines[index] = { path, state, ms, asked: asked + 1, unanswered: unanswered + (answers ? 0 : 1) }
      watching.show(lines)
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  await Promise.all(paths.map(ask))
}
