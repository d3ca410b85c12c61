import type { Clock } from '@ezone/sdk/model'
import { inParallel } from './in-parallel.ts'
import { type Judgement, judge } from './judge.ts'
import type { Path } from './paths.ts'
import type { Probe, ProbeCredentials } from './probes/probe.ts'
import { probes } from './probes/registry.ts'
import { quantile } from './quantile.ts'

const defaultSamples = 11

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
  /** Paths measured at the same time; too many would measure the machine instead of the link. Default 16. */
  readonly concurrency?: number
  /** Longest that opening a path may take, and its requests. Default 5 s plus what the round trips ask for. */
  readonly deadlineMs?: number
}

/**
 * Measures every path: one open connection each, then one small request after the other. All connections are open before
 * the first request, and paths within a place go one by one: what takes the machine's time shall not be measured.
 */
export async function measure(
  paths: readonly Path[],
  options: MeasureOptions,
): Promise<{ readonly paths: readonly MeasuredPath[] }> {
  const limit = options.concurrency ?? 16
  await using owned = new AsyncDisposableStack()
  const opened = await inParallel(paths, limit, (path) =>
    attempt(path, options, async (signal) =>
      owned.use(await probes[path.protocol](path.via, options.credentialsOf(path), signal)),
    ),
  )
  const take = async (index: number): Promise<[number, MeasuredPath]> => {
    const [path, probe] = [paths[index], opened[index]]
    if (path === undefined || probe === undefined) throw new TypeError(`there is no path ${index}`)
    if ('error' in probe) return [index, unmeasured(path, probe.error)]
    const times = await attempt(path, options, (signal) => roundTrips(probe.value, options, signal))
    return [index, 'error' in times ? unmeasured(path, times.error) : figures(path, times.value)]
  }
  const within = [...paths.keys()].filter((index) => paths[index]?.link === null)
  const across = [...paths.keys()].filter((index) => paths[index]?.link !== null)
  const measured = new Map([...(await inParallel(within, 1, take)), ...(await inParallel(across, limit, take))])
  return { paths: [...paths.keys()].flatMap((index) => measured.get(index) ?? []) }
}

async function roundTrips(probe: Probe, options: MeasureOptions, signal: AbortSignal): Promise<readonly number[]> {
  const times: number[] = []
  for (let round = 0; round < (options.samples ?? defaultSamples); round++) {
    const beginMs = options.clock.monotonicMs()
    await probe.ping(signal)
    times.push(options.clock.monotonicMs() - beginMs)
  }
  // The first one warms both ends up.
  return times.slice(1)
}

/** Does something with a path within its deadline; what goes wrong is an answer too, but for the caller's own signal. */
async function attempt<T>(
  path: Path,
  options: MeasureOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: string }> {
  const deadlineMs = options.deadlineMs ?? 5_000 + path.askedRttMs * ((options.samples ?? defaultSamples) + 8)
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)])
  try {
    return { value: await work(signal) }
  } catch (error) {
    options.signal.throwIfAborted()
    return { error: signal.aborted ? `no answer in ${deadlineMs} ms` : messageOf(error) }
  }
}

const unmeasured = (path: Path, error: string): MeasuredPath => ({
  ...path,
  p50Ms: null,
  p99Ms: null,
  samples: 0,
  error,
  judgement: 'unknown',
})

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
