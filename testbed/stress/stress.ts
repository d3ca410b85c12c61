import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { faultsNow } from '../chaos/open-faults.ts'
import { readGroundData } from '../orders/ground-data.ts'
import type { OpenFault } from '../session/status.ts'
import { openTestbed, type Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { type Blueprint, portOf, specOf } from '../topology/blueprint.ts'
import { plannedOperations } from './builtin-load.ts'
import { costOf, machineFullShare } from './cost.ts'
import { EdgeClient } from './edge-client.ts'
import { chooseEngine, type Engine } from './engine.ts'
import type { K6Agreement } from './k6-agreement.ts'
import { runK6 } from './k6-load.ts'
import { CostMeter, k6Hop, ownHop } from './meter.ts'
import type { Mix } from './mix.ts'
import type { EngineName, ProfileName } from './names.ts'
import { planLoad, plannedMax } from './plan-load.ts'
import type { PlannedOperation } from './planned.ts'
import { arrivalsOf, type Profile, profileOf, stepsOf } from './profile.ts'
import { Ramp } from './ramp.ts'
import type { LoadRecord, Outcome } from './records.ts'
import type { StressResult } from './result.ts'
import { type LoadRun, runLoad } from './run-load.ts'
import { Seconds } from './seconds.ts'
import { type LoadSummary, lateShareMax, Tally } from './tally.ts'
import { judged } from './verdict.ts'
import { prepareWorld } from './world.ts'

export interface LoadProgress extends Readonly<Record<Outcome, number>> {
  readonly elapsedMs: number
  readonly forMs: number
  /** Over the last seconds. */
  readonly zones: readonly { readonly zone: string; readonly perS: number; readonly p99Ms: number | null }[]
}

export interface StressOptions {
  readonly name: string
  /** The highest rate of the profile. */
  readonly qps: number
  readonly forMs: number
  readonly seed: number
  readonly mix: Mix
  readonly signal: AbortSignal
  readonly engine?: EngineName
  readonly profile?: ProfileName
  readonly p99MsMax?: number
  /** Ends the load early, as if its time were over. */
  readonly until?: AbortSignal
  readonly onRecord?: (record: LoadRecord) => void
  /** When, on the wall clock, the load began. */
  readonly onBegun?: (epochMs: number) => void
  /** Told what every program spent while the load ran: spec -> CPU milliseconds. */
  readonly onSpent?: (perSpecMs: ReadonlyMap<string, number>, ranMs: number) => void
  /** Twice a second. */
  readonly onProgress?: (progress: LoadProgress) => void
  /** Told what is done before the load begins. */
  readonly tell?: (text: string) => void
}

export const p99MsMaxDefault = 1_000

/** Every API Router of a testbed, in all edges. */
export function routersOf(blueprint: Blueprint): readonly Address[] {
  return blueprint.specs
    .filter((spec) => spec.kind === 'service' && spec.service === 'router')
    .flatMap((spec) => portOf(spec, 'http')?.host ?? [])
}

/**
 * Loads the chain from the edge on, through every API Router, as clients would.
 * @throws EZ_NO_TESTBED, EZ_NOT_RUNNING, EZ_USAGE, EZ_SERVER_UNAVAILABLE, EZ_NO_DISK, EZ_NOT_READY, EZ_INTERRUPTED
 */
export async function stress(options: StressOptions): Promise<StressResult> {
  await using load = await prepareLoad(options)
  return await load.perform()
}

/** All that `stress` does before its first operation leaves; `perform` does the rest, once. */
export async function prepareLoad(options: StressOptions): Promise<Load> {
  const { qps, forMs, mix, seed, signal, engine: wanted = 'builtin', tell = () => {} } = options
  const profile = profileOf(options.profile ?? 'steady', { qps, forMs })
  const testbed = await openTestbed(folders().state, options.name)
  const routers = routersOf(testbed.blueprint)
  await requireRouter(testbed, routers, signal)
  const faults = await faultsNow(testbed.name)
  for (const { id, kind, target } of faults) tell(`warning: fault ${id} (${kind} of ${target}) is in force`)
  const engine = await chooseEngine({ wanted, testbed, signal, tell })
  await using made = new AsyncDisposableStack()
  const client = made.use(new EdgeClient(routers))
  const run = String(randomInt(10_000_000, 100_000_000))
  const ground = await readGroundData()
  const world = await prepareWorld({ client, ...ground, mix, seed, run, signal })
  const { count } = arrivalsOf(profile)
  const plan = planLoad({ ...ground, world, mix, seed, count: Math.min(count, plannedMax) })
  return new Load(options, { testbed, routers, engine, client, run, profile, plan, faults }, made.move())
}

interface Ready {
  readonly testbed: Testbed
  readonly routers: readonly Address[]
  readonly engine: Engine
  readonly client: EdgeClient
  readonly run: string
  readonly profile: Profile
  readonly plan: readonly PlannedOperation[]
  readonly faults: readonly OpenFault[]
}

const lookMs = 500
/** Progress tells of so many seconds, without the one that is still going on. */
const recentS = 5

/** One load, from its first operation to its figures. */
class Load implements AsyncDisposable {
  readonly #options: StressOptions
  readonly #ready: Ready
  readonly #made: AsyncDisposableStack
  readonly #tally = new Tally()
  readonly #seconds = new Seconds()
  readonly #ramp: Ramp | null
  readonly #stop = new AbortController()
  readonly #soFar = { ok: 0, failed: 0, unknown: 0 }
  #beganMs: number | null = null

  constructor(options: StressOptions, ready: Ready, made: AsyncDisposableStack) {
    this.#made = made
    const { profile, qps, forMs, p99MsMax = p99MsMaxDefault } = options
    this.#options = options
    this.#ready = ready
    this.#ramp = profile === 'ramp-to-break' ? new Ramp(stepsOf({ qps, forMs }), p99MsMax) : null
  }

  async perform(): Promise<StressResult> {
    const { signal } = this.#options
    using meter = new CostMeter(this.#ready.testbed.blueprint.id)
    const looking = setInterval(() => this.#look(), lookMs)
    const began = (epochMs: number) => {
      this.#beganMs = systemClock.monotonicMs() - (systemClock.nowMs() - epochMs)
      meter.begin()
      this.#options.onBegun?.(epochMs)
    }
    const run = await this.#send(began).finally(() => clearInterval(looking))
    const spent = await meter.end()
    signal.throwIfAborted()
    this.#ramp?.look(Number.POSITIVE_INFINITY)
    return this.#result(run, meter, spent)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#made.disposeAsync()
  }

  #send(onBegun: (epochMs: number) => void): Promise<LoadRun & { readonly k6?: K6Agreement }> {
    const { signal } = this.#options
    const { engine, client, plan, profile, run, routers, testbed } = this.#ready
    const until = AbortSignal.any([this.#stop.signal, ...(this.#options.until ? [this.#options.until] : [])])
    const common = { onRecord: this.#record, signal, until }
    if (engine.name === 'k6') {
      const { home } = engine
      const of = { home, testbedId: testbed.blueprint.id, folder: join(testbed.folder, 'stress') }
      return runK6({ ...common, ...of, routers, profile, plan, run, onBegun })
    }
    const operations = plannedOperations({ client, plan, run, nowMs: systemClock.nowMs })
    const begun = () => onBegun(systemClock.nowMs())
    return runLoad({ ...common, arrivals: arrivalsOf(profile), operations, onBegun: begun })
  }

  readonly #record = (record: LoadRecord): void => {
    this.#tally.add(record)
    this.#seconds.add(record)
    this.#ramp?.add(record)
    this.#soFar[record.outcome]++
    this.#options.onRecord?.(record)
  }

  #look(): void {
    if (this.#beganMs === null) return
    const elapsedMs = systemClock.monotonicMs() - this.#beganMs
    const second = Math.floor(elapsedMs / 1_000)
    this.#seconds.takeBefore(second - 2 * recentS)
    if (this.#ramp?.look(elapsedMs)) this.#stop.abort()
    const zones = [...this.#seconds.between(second - recentS, second)].map(([zone, { ok, p99Ms }]) => ({
      zone,
      perS: Math.round(ok / Math.max(1, Math.min(recentS, second))),
      p99Ms,
    }))
    this.#options.onProgress?.({ ...this.#soFar, elapsedMs, forMs: this.#options.forMs, zones })
  }

  #result(
    run: LoadRun & { readonly k6?: K6Agreement },
    meter: CostMeter,
    spent: Awaited<ReturnType<CostMeter['end']>>,
  ) {
    const { qps, forMs, seed, profile = 'steady', p99MsMax = p99MsMaxDefault } = this.#options
    const { testbed, engine, faults } = this.#ready
    const summary = this.#tally.summary(qps, run)
    const nameOf = (id: string) => hopOf(testbed.blueprint, id)
    const { cpuPerHop, limit, perSpecMs } = costOf(spent.before, spent.after, {
      ...spent,
      requests: summary.requests,
      nameOf,
    })
    const limitedBy = limitOf(summary, this.#limitAtEnd(meter, nameOf) ?? limit, meter.busiestShare())
    this.#options.onSpent?.(perSpecMs, spent.ranMs)
    const steps = this.#ramp?.results ?? []
    const k6 = run.k6 ?? null
    const generatorMs = (perSpecMs.get(ownHop) ?? 0) + (perSpecMs.get(k6Hop) ?? 0)
    return judged({
      ...summary,
      ...{ engine: engine.name, profile, seed, forMs, steps, cpuPerHop, limitedBy, k6 },
      highestQps: this.#ramp === null ? qps : this.#ramp.highestQps,
      thresholds: Object.entries(summary.perZone).map(([zone, { p99Ms }]) => ({
        ...{ zone, p99MsMax, p99Ms },
        held: p99Ms !== null && p99Ms <= p99MsMax,
      })),
      generatorCpu: spent.ranMs > 0 ? Math.round((100 * generatorMs) / spent.ranMs) / 100 : 0,
      drill: null,
      faults: faults.map(({ id, kind, target }) => ({ id, kind, target })),
    })
  }

  /** Of a ramp, what was short in the step that broke it: over the whole of it there was time to rest. */
  #limitAtEnd(meter: CostMeter, nameOf: (spec: string) => string): string | null {
    const { qps, forMs } = this.#options
    if (this.#ramp === null || !this.#ramp.broken) return null
    const step = stepsOf({ qps, forMs })[this.#ramp.results.length - 1]
    const spent = step && meter.between(step.fromMs, step.untilMs)
    return spent ? costOf(spent.before, spent.after, { ...spent, requests: 1, nameOf }).limit : null
  }
}

/** A machine that has nothing left makes the generator late, if only for a second: then the machine is the reason. */
function limitOf({ late, dropped, requests }: LoadSummary, limit: string | null, busiestShare: number): string | null {
  if (limit === 'machine') return limit
  const behind = dropped > 0 || late > requests * lateShareMax
  if (behind && busiestShare >= machineFullShare) return 'machine'
  return behind || limit === ownHop ? 'generator' : limit
}

/** All instances of a service or kind of store are one hop: `edge/router-2` is `router`. */
function hopOf(blueprint: Blueprint, id: string): string {
  const spec = specOf(blueprint, id)
  return spec?.kind === 'service' ? spec.service : (spec?.name ?? id)
}

async function requireRouter({ name }: Testbed, routers: readonly Address[], signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(2_000)])
  const ready = await Promise.all(
    routers.map(({ host, port }) =>
      fetch(`http://${host}:${port}/readyz`, { signal: limited }).then(
        (answer) => answer.ok,
        () => false,
      ),
    ),
  )
  signal.throwIfAborted()
  if (!ready.includes(true)) throw new EzoneError('EZ_NOT_RUNNING', `no API Router of testbed ${name} is ready`)
}
