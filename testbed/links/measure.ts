import type { Clock } from '@ezone/sdk/model'
import { inParallel } from './in-parallel.ts'
import { type Judgement, judge } from './judge.ts'
import type { Path } from './paths.ts'
import type { ProbeCredentials } from './probes/probe.ts'
import { probes } from './probes/registry.ts'
import { quantile } from './quantile.ts'

/** One row of `ezone links`: what was asked of a path and what it gave. */
export interface MeasuredPath extends Path {
  /** null where the path did not answer. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** How many round trips stand behind the figures. */
  readonly samples: number
  /** Why it did not answer; null where it did. */
  readonly error: string | null
  readonly judgement: Judgement
}

/** What a probe of a target logs in with. */
export type CredentialsOf = (path: Pick<Path, 'protocol' | 'target'>) => ProbeCredentials

export interface MeasureOptions {
  readonly credentialsOf: CredentialsOf
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Round trips per path; the first one is thrown away (it warms both ends up). Default 11. */
  readonly samples?: number
  /** Paths measured at the same time; too many would measure the machine instead of the link. Default 8. */
  readonly concurrency?: number
  /** Longest a path may take altogether. Default 10 s plus what its round trips ask for. */
  readonly deadlineMs?: number
}

/** Measures every path: one open connection each, then one small request after the other. */
export async function measure(
  paths: readonly Path[],
  options: MeasureOptions,
): Promise<{ readonly paths: readonly MeasuredPath[] }> {
  return { paths: await inParallel(paths, options.concurrency ?? 8, (path) => measurePath(path, options)) }
}

async function measurePath(path: Path, options: MeasureOptions): Promise<MeasuredPath> {
  const rounds = options.samples ?? 11
  const deadlineMs = options.deadlineMs ?? 10_000 + path.askedRttMs * (rounds + 8)
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)])
  const times: number[] = []
  try {
    await using probe = await probes[path.protocol](path.via, options.credentialsOf(path), signal)
    for (let round = 0; round < rounds; round++) {
      const beginMs = options.clock.monotonicMs()
      await probe.ping(signal)
      if (round > 0) times.push(options.clock.monotonicMs() - beginMs)
    }
    return figures(path, times)
  } catch (error) {
    options.signal.throwIfAborted()
    const why = signal.aborted ? `no answer in ${deadlineMs} ms` : messageOf(error)
    return { ...path, p50Ms: null, p99Ms: null, samples: times.length, error: why, judgement: 'unknown' }
  }
}

function figures(path: Path, times: readonly number[]): MeasuredPath {
  const p50Ms = hundredths(quantile(times, 0.5))
  const p99Ms = hundredths(quantile(times, 0.99))
  return { ...path, p50Ms, p99Ms, samples: times.length, error: null, judgement: judge({ ...path, p50Ms }) }
}

const hundredths = (ms: number) => Math.round(ms * 100) / 100

/** A refused dial to an address with several faces is an AggregateError without words of its own. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
