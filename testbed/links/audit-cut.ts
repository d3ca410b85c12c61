import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from './measure.ts'
import { PathProbe, patienceMs, silenceMs } from './path-probe.ts'
import type { Path } from './paths.ts'

/** What a short cut of all links showed. */
export interface CutAudit {
  /** How many paths across a link went silent. */
  readonly silent: number
  /** Paths across a link that answered although it was cut. */
  readonly leaked: readonly Path[]
  /** Paths within a place that did not answer throughout. */
  readonly deadInZone: readonly Path[]
  /** Paths that did not answer before the cut: nothing can be said about them. */
  readonly unanswered: readonly Path[]
  /** Paths that did not answer again afterwards. */
  readonly unhealed: readonly Path[]
  /** From the last link cut to the first one joined. */
  readonly cutMs: number
  /** From the last link joined to the last path that answered again. */
  readonly healMs: number
}

export interface CutAuditOptions {
  /** Cuts every link both ways, under a lease; disposing it joins them. */
  readonly hold: (signal: AbortSignal) => Promise<AsyncDisposable>
  readonly credentialsOf: CredentialsOf
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Longest a path may take to go silent. Default 2 s. */
  readonly settleMs?: number
  /** Longest a path may take to answer again. Default 10 s. */
  readonly healMs?: number
}

const betweenPingsMs = 50

/**
 * Cuts all links for a moment and looks at every path. It interrupts whatever runs. The links are joined again in any
 * case, by the lease if all else fails.
 *
 * A member of the global ensemble may stop serving even its own place while it is alone, so its paths within a place are
 * asked before and after the cut but not during it.
 */
export async function auditCut(paths: readonly Path[], options: CutAuditOptions): Promise<CutAudit> {
  const { clock, signal, credentialsOf } = options
  await using owned = new AsyncDisposableStack()
  const all = paths.map((path) => owned.use(new PathProbe(path, credentialsOf)))
  const before = await Promise.all(all.map((probe) => probe.answers(patienceMs(probe.path), signal)))
  const usable = all.filter((_, index) => before[index])
  const across = usable.filter(({ path }) => path.link !== null)
  const within = usable.filter(({ path }) => path.link === null && !path.needsLinks)

  const held = await options.hold(signal)
  const cutAt = clock.monotonicMs()
  let during: readonly [readonly boolean[], readonly boolean[]]
  try {
    const settled = new AbortController()
    const silent = Promise.all(across.map((probe) => goesSilent(probe, options))).finally(() => settled.abort())
    const alive = Promise.all(within.map((probe) => keepsAnswering(probe, settled.signal, signal)))
    during = await Promise.all([silent, alive])
  } finally {
    await held[Symbol.asyncDispose]()
  }
  const joinedAt = clock.monotonicMs()

  const healed = await Promise.all(usable.map((probe) => probe.answers(options.healMs ?? 10_000, signal)))
  const [silent, alive] = during
  return {
    silent: silent.filter(Boolean).length,
    leaked: across.filter((_, index) => !silent[index]).map(({ path }) => path),
    deadInZone: within.filter((_, index) => !alive[index]).map(({ path }) => path),
    unanswered: all.filter((_, index) => !before[index]).map(({ path }) => path),
    unhealed: usable.filter((_, index) => !healed[index]).map(({ path }) => path),
    cutMs: joinedAt - cutAt,
    healMs: clock.monotonicMs() - joinedAt,
  }
}

/** Both the connection there is and a new one must stay without an answer: a new one might find another way. */
async function goesSilent(probe: PathProbe, { clock, signal, credentialsOf, settleMs = 2_000 }: CutAuditOptions) {
  await using fresh = new PathProbe(probe.path, credentialsOf)
  const untilMs = clock.monotonicMs() + settleMs
  const quietMs = silenceMs(probe.path)
  do {
    const answered = await Promise.all([probe.answers(quietMs, signal), fresh.answers(quietMs, signal)])
    if (!answered.includes(true)) return true
    await sleep(betweenPingsMs, undefined, { signal })
  } while (clock.monotonicMs() < untilMs)
  return false
}

async function keepsAnswering(probe: PathProbe, enough: AbortSignal, signal: AbortSignal): Promise<boolean> {
  while (!enough.aborted) {
    if (!(await probe.answers(silenceMs(probe.path), signal))) return false
    await sleep(betweenPingsMs, undefined, { signal: AbortSignal.any([signal, enough]) }).catch(() => undefined)
  }
  signal.throwIfAborted()
  return true
}
