import { cpus } from 'node:os'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { openTestbed } from '../session/testbed.ts'
import { parseMix } from '../stress/mix.ts'
import type { EngineName } from '../stress/names.ts'
import type { StressResult } from '../stress/result.ts'
import { stress } from '../stress/stress.ts'
import { folders } from '../surroundings/folders.ts'
import { type Blueprint, specOf } from '../topology/blueprint.ts'
import type { Measured } from './fit.ts'
import { forecast, type Program } from './forecast.ts'
import { keepCapacity, pastCapacities, pastOf, trendOf } from './past.ts'
import type { CapacityResult, CapacityRun } from './result.ts'

export interface CapacityOptions {
  readonly name: string
  readonly qps: number
  readonly growth: number
  /** Of each run. */
  readonly forMs: number
  readonly seed: number
  readonly mix: string
  readonly engine: EngineName
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/** Of today's rate; a line needs two, and its bend is seen by more. */
const rateShares = [0.25, 0.5, 0.75, 1] as const
const heldMin = 2

/**
 * The hops a client waits for, in the order it meets them. What comes after the answer (replication, Kafka, dispatch) may
 * fall behind without a client's noticing.
 */
const path = ['router', 'toxiproxy', 'soa-proxy', 'orders', 'redis', 'mysql', 'mysql-global'] as const

interface Run {
  readonly result: StressResult
  readonly sentQps: number
  /** Spec -> processors at work. */
  readonly cpusOf: ReadonlyMap<string, number>
}

/**
 * Short loads at several rates, and what they say of more: where each program would have nothing left, what a growth
 * would need, and whether one zone could carry all. Kept, so that the next run shows a trend.
 * @throws what `stress` throws; EZ_STRESS_VOID where fewer than two rates held: a line needs two points
 */
export async function capacity(options: CapacityOptions): Promise<CapacityResult> {
  const { name, qps, growth, seed, mix, tell } = options
  const state = folders().state
  const { blueprint } = await openTestbed(state, name)
  tell('warming up: what is slow in its first seconds has not met its code yet')
  await runAt(qps, options, seed)
  const runs: Run[] = []
  for (const [index, share] of rateShares.entries()) {
    const rate = Math.max(1, Math.round(qps * share))
    tell(`run ${index + 1} of ${rateShares.length}: ${rate} requests/s for ${options.forMs / 1_000} s`)
    runs.push(await runAt(rate, options, seed + 1 + index))
  }
  const held = runs.filter(({ result }) => result.verdict === 'valid')
  if (held.length < heldMin)
    throw new EzoneError('EZ_STRESS_VOID', `only ${held.length} of ${runs.length} rates held: ${runsText(runs)}`)
  const result = {
    verdict: held.length === runs.length ? ('valid' as const) : ('unknown' as const),
    at: new Date(systemClock.nowMs()).toISOString(),
    ...{ testbed: name, runtime: blueprint.runtime, seed, mix, qps, growth },
    runs: runs.map(toldRun),
    ...forecast({
      programs: programsOf(blueprint, held),
      machineCpus: cpus().length,
      ...{ qps, growth, path, shares: sharesOf(held) },
    }),
  }
  const kept = pastOf(result)
  const trend = trendOf(await pastCapacities(state), kept)
  await keepCapacity(state, kept)
  return { ...result, trend }
}

/** @throws EZ_STRESS_NOT_HELD where today's rate, or one below it, did not hold */
export function requireMeasured({ verdict, runs }: CapacityResult): void {
  if (verdict === 'valid') return
  const broken = runs
    .filter((run) => run.verdict !== 'valid')
    .map(({ askedQps, heldQps }) => `${heldQps} of ${askedQps}`)
  throw new EzoneError('EZ_STRESS_NOT_HELD', `not every rate held (requests/s): ${broken.join(', ')}`)
}

async function runAt(qps: number, options: CapacityOptions, seed: number): Promise<Run> {
  const { name, forMs, mix, engine, signal, tell } = options
  let spent: { perSpecMs: ReadonlyMap<string, number>; ranMs: number } = { perSpecMs: new Map(), ranMs: 0 }
  const onSpent = (perSpecMs: ReadonlyMap<string, number>, ranMs: number) => {
    spent = { perSpecMs, ranMs }
  }
  const result = await stress({ name, qps, forMs, seed, mix: parseMix(mix), engine, signal, tell, onSpent })
  const { ranMs } = spent
  return {
    result,
    sentQps: ranMs > 0 ? (result.requests * 1_000) / ranMs : 0,
    cpusOf: new Map([...spent.perSpecMs].map(([spec, ms]) => [spec, ranMs > 0 ? ms / ranMs : 0])),
  }
}

function programsOf(blueprint: Blueprint, runs: readonly Run[]): readonly Program[] {
  const specs = new Set(runs.flatMap(({ cpusOf }) => [...cpusOf.keys()]))
  return [...specs].map((id) => {
    const spec = specOf(blueprint, id)
    const measured: readonly Measured[] = runs.map(({ sentQps, cpusOf }) => ({
      qps: sentQps,
      cpus: cpusOf.get(id) ?? 0,
    }))
    return {
      spec: id,
      hop: spec === undefined ? id : spec.kind === 'service' ? spec.service : spec.name,
      zone: spec?.zone ?? null,
      // A service is one thread; a store uses what there is.
      cpusMax: spec === undefined || spec.kind === 'service' ? 1 : cpus().length,
      measured,
    }
  })
}

/** Of all that was answered somewhere, how much each zone did. */
function sharesOf(runs: readonly Run[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const { result } of runs)
    for (const [zone, { requests }] of Object.entries(result.perZone))
      counts.set(zone, (counts.get(zone) ?? 0) + requests)
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return Object.fromEntries([...counts].toSorted().map(([zone, count]) => [zone, all === 0 ? 0 : count / all]))
}

function toldRun({ result, cpusOf }: Run): CapacityRun {
  const { verdict, engine, askedQps, heldQps, p50Ms, p99Ms, limitedBy } = result
  const all = [...cpusOf.values()].reduce((sum, one) => sum + one, 0)
  return { verdict, engine, askedQps, heldQps, p50Ms, p99Ms, limitedBy, cpus: Math.round(all * 1_000) / 1_000 }
}

const runsText = (runs: readonly Run[]) =>
  runs
    .map(({ result }) => `${result.heldQps} of ${result.askedQps}/s (${result.limitedBy ?? 'nothing short'})`)
    .join(', ')
