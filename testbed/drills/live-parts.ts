import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import type { Clock } from '@ezone/sdk/model'
import type { AgentClient } from '../agent/client.ts'
import { ensureAgent } from '../agent/ensure.ts'
import { heal, inject, listFaults } from '../chaos/client.ts'
import { requireInForce } from '../chaos/fault.ts'
import { checks } from '../checks/all.ts'
import { gradingsOf } from '../checks/grade.ts'
import { judge } from '../checks/judge.ts'
import { runSwitch } from '../failover/run-switch.ts'
import type { SwitchResult, SwitchStep } from '../failover/switch-result.ts'
import { requireSwitched } from '../failover/words.ts'
import { findGzs } from '../gzs/find-gzs.ts'
import type { GzsClient } from '../gzs/gzs-client.ts'
import { readHistory } from '../ledger/history-reader.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { Testbed } from '../session/testbed.ts'
import type { Beside, DrillJudgement, DrillParts, Recording, Told } from './parts.ts'
import { type Before, preflight } from './preflight.ts'
import { returnGlobal, returnShards, returnsOf, type Switching } from './return-home.ts'
import { runFiles } from './run-folder.ts'
import type { Scenario, ScenarioFault, ScenarioSwitch } from './schema.ts'
import { untilSettled } from './settled.ts'
import { warmUp } from './warm-up.ts'
import { writeDrillReport } from './write-drill-report.ts'

export interface LiveOptions {
  readonly testbed: Testbed
  readonly agent: AgentClient
  readonly scenario: Scenario
  readonly seed: number
  /** Of the run: its history and its report. */
  readonly folder: string
  /** The command that does the same again. */
  readonly rerun: string
  readonly beside?: Beside
}

/** Shares of the operations, where a scenario asks for such clients. */
const insideShare = 0.2
const conflictShare = 0.1
/** The load goes on while a step takes longer than the scenario thought, but not for ever. */
const overtimeMs = 300_000
/** Orders in flight get so long to come to their end when all is over. */
const endOrdersMs = 30_000

/** The parts of a drill on a testbed that runs. */
export class LiveParts implements DrillParts {
  readonly clock: Clock = systemClock
  readonly #options: LiveOptions
  readonly #gzs: GzsClient
  #before: Before | null = null
  #ledger: Ledger | null = null
  /** Of faults asked for: a fault whose answer never came is found by its time. */
  readonly #faults = new Set<string>()
  #injecting = 0
  #beginBeside: Awaited<ReturnType<Beside>> | null = null
  #known: ReadonlySet<string> = new Set()

  private constructor(options: LiveOptions, gzs: GzsClient) {
    this.#options = options
    this.#gzs = gzs
  }

  static async of(options: LiveOptions): Promise<LiveParts> {
    return new LiveParts(options, await findGzs(options.testbed.name))
  }

  readonly ready = async (signal: AbortSignal): Promise<void> => {
    const { testbed, agent, scenario } = this.#options
    this.#before = await preflight({ testbed, agent, gzs: this.#gzs, scenario, clock: this.clock, signal })
    await warmUp(testbed.name, this.#options.seed, signal)
    const time = { forMs: scenario.load.for, overtimeMs }
    this.#beginBeside = (await this.#options.beside?.(time, signal)) ?? null
    this.#known = new Set((await listFaults(agent, signal)).map(({ id }) => id))
  }

  readonly begin = async (signal: AbortSignal): Promise<Recording> => {
    const { testbed, scenario, seed, folder } = this.#options
    const { opsPerSecond, inside, conflicts } = scenario.load
    const options = {
      file: join(folder, runFiles.history),
      name: scenario.name,
      seed,
      qps: opsPerSecond,
      insideShare: inside ? insideShare : 0,
      conflictShare: conflicts ? conflictShare : 0,
      clock: this.clock,
    }
    const ledger = await Ledger.begin(testbed, options, signal)
    this.#ledger = ledger
    const stop = new AbortController()
    const load = ledger.run(scenario.load.for + overtimeMs, stop.signal)
    // Whoever ends the load hears of it.
    load.catch(() => undefined)
    const { atMsOf, note } = ledger
    const beside = this.#beginBeside?.({ atMsOf, note })
    return {
      progress: () => ledger.progress,
      end: async () => {
        ledger.stop()
        await Promise.all([load, beside?.end()])
      },
      collect: async (interrupted, limit) => {
        stop.abort()
        await using _ = ledger
        await beside?.end()
        if (!interrupted) await ledger.settle(endOrdersMs, limit)
        await ledger.end({ signal: limit, interrupted, compareWithinMs: scenario.settle })
      },
    }
  }

  readonly inject = async ({ for: _, ...fault }: ScenarioFault, forMs: number, signal: AbortSignal): Promise<void> => {
    this.#injecting++
    const report = await inject(this.#options.agent, { ...fault, forMs }, signal)
    this.#injecting--
    this.#faults.add(report.id)
    requireInForce([report])
  }

  /** Also faults of which the answer was never heard: no fault was in force before the drill, so they are its own. */
  readonly heal = async (signal: AbortSignal): Promise<void> => {
    // The one that kept the faults may be dead; the next one takes them up.
    const agent = await ensureAgent(this.#options.testbed, signal)
    const open = (await listFaults(agent, signal)).filter(({ id, state }) => state !== 'ended' && !this.#known.has(id))
    const own = open.filter(({ id }) => this.#injecting > 0 || this.#faults.has(id)).map(({ id }) => id)
    await heal(agent, own, signal)
  }

  readonly move = (wanted: ScenarioSwitch, signal: AbortSignal): Promise<void> => {
    const { from, to, mode, shards } = wanted
    return this.#switch({ from, to, mode, ...(shards !== undefined && { shards }), preflight: 'none', signal })
  }

  readonly failback = async (zone: string, signal: AbortSignal): Promise<void> => {
    const returns = returnsOf(this.#was().table, await this.#gzs.table(signal))
    for (const one of returns.filter(({ to }) => to === zone)) await returnShards(one, this.#switch, signal)
  }

  readonly settle = (limitMs: number, signal: AbortSignal): Promise<string | null> =>
    untilSettled({ testbed: this.#options.testbed, gzs: this.#gzs, clock: this.clock, limitMs, signal })

  readonly putBack = async (signal: AbortSignal): Promise<void> => {
    const { table, globalMaster } = this.#was()
    for (const one of returnsOf(table, await this.#gzs.table(signal))) await returnShards(one, this.#switch, signal)
    const { master } = (await this.#gzs.globalStatus(signal)).zone
    const why = `drill ${this.#options.scenario.name}`
    if (master !== globalMaster) await returnGlobal(globalMaster, this.#gzs, why, signal)
  }

  readonly judge = async (): Promise<DrillJudgement> => {
    const { folder, scenario, testbed } = this.#options
    const { claims, allow } = scenario
    const history = await readHistory(join(folder, runFiles.history))
    return judge(history, {
      ...(claims !== 'all' && { checks: checks.filter(({ name }) => claims.includes(name)) }),
      allowed: { lossWindowMs: allow.lossWindow, ackMs: allow.ack, lagOffMs: allow.lagOff },
      allowedGrade: allow.grade,
      gradings: gradingsOf(testbed.record.topology.grades),
    })
  }

  readonly report = async (told: Told): Promise<string> => {
    const { folder, scenario, rerun } = this.#options
    return await writeDrillReport({ ...told, folder, scenario, rerun, paths: this.#before?.paths ?? [] })
  }

  readonly #switch: Switching = async (options) => {
    const { testbed, scenario } = this.#options
    const seen: SwitchStep[] = []
    let id = 'none'
    try {
      const result = await runSwitch({
        ...options,
        name: testbed.name,
        why: `drill ${scenario.name}`,
        onBegun: (begun) => {
          id = begun
        },
        onStep: (step) => seen.push(step),
      })
      seen.splice(0, seen.length, ...result.steps, ...lostOf(result))
      requireSwitched(result)
    } finally {
      this.#note(id, seen)
    }
  }

  /** Also the steps of a switch that failed: the report shows how far it came. */
  #note(id: string, steps: readonly SwitchStep[]): void {
    const ledger = this.#ledger
    for (const { atMs, shards, ...step } of steps)
      ledger?.note({ type: 'step', switch: id, ...step, shards: [...shards], atMs: ledger.atMsOf(atMs) })
  }

  #was(): Before {
    if (this.#before === null) throw new TypeError('nobody has looked at the testbed yet')
    return this.#before
  }
}

/** What the platform itself says it left behind: the checks compare it with what clients were promised. */
function lostOf({ steps, shards, rpoOrders }: SwitchResult): readonly SwitchStep[] {
  const atMs = steps.at(-1)?.atMs
  if (rpoOrders.length === 0 || atMs === undefined) return []
  return [{ name: 'lost', atMs, shards, text: `${rpoOrders.length} orders: ${rpoOrders.join(' ')}` }]
}
