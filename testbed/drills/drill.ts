import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { checks } from '../checks/all.ts'
import type { ClaimResult, Verdict } from '../checks/claim.ts'
import { attendRunning } from '../session/open-up.ts'
import type { Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { type Lock, tryLock } from '../surroundings/lock.ts'
import type { ScenarioText } from './built-in.ts'
import { goFirst } from './go-first.ts'
import { LiveParts } from './live-parts.ts'
import type { Beside, StepStory } from './parts.ts'
import { rolesOf } from './roles.ts'
import { type DrillOutcome, runDrill } from './run-drill.ts'
import { makeRunFolder } from './run-folder.ts'
import { parseScenario } from './scenario.ts'
import type { Scenario } from './schema.ts'
import type { DrillEnd } from './verdict.ts'

/** `data` of `drill run` and `drill replay`: a contract, fields are only ever added. */
export interface DrillResult {
  readonly drill: string
  /** Id of the run: what `drill replay` and `report open` take. */
  readonly run: string
  readonly seed: number
  readonly testbed: string
  readonly policy: string
  /** The zone that played $lost. */
  readonly lost: string
  readonly verdict: Verdict
  /** What kept it from a better verdict, in sentences; empty where it is valid. */
  readonly why: readonly string[]
  readonly grade: string | null
  readonly allowedGrade: string
  readonly claims: readonly ClaimResult[]
  readonly steps: readonly StepStory[]
  readonly rtoMs: number | null
  readonly rpoOrders: readonly string[]
  readonly interrupted: boolean
  /** What is not where it was before; null where all is. */
  readonly left: string | null
  readonly tookMs: number
  /** Path of the report's page; null where it could not be written. */
  readonly report: string | null
}

export interface DrillOptions {
  /** Of the testbed. */
  readonly name: string
  readonly scenario: ScenarioText
  readonly seed: number
  /** The zone that plays $lost; by default the last one that is not the global master. */
  readonly lost?: string
  /** Loads the testbed, too. */
  readonly beside?: Beside
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/**
 * Runs a drill on a testbed that is up.
 * @throws what keeps it from beginning: EZ_SCENARIO_INVALID, EZ_UNKNOWN_ZONE, EZ_OTHER_TOPOLOGY, EZ_BUSY, EZ_NOT_RUNNING,
 * EZ_NOT_READY, EZ_FAULT_CONFLICT …, EZ_INTERRUPTED. How one that has begun ended is the result: see `requireValid`
 */
export async function drill(options: DrillOptions): Promise<{ readonly result: DrillResult; readonly end: DrillEnd }> {
  const { name, scenario: written, seed, lost, beside, signal, tell } = options
  const clock = systemClock
  const beganMs = clock.monotonicMs()
  const { testbed, agent } = await attendRunning(name, signal)
  const roles = rolesOf(testbed.blueprint, lost)
  const ground = { blueprint: testbed.blueprint, claims: checks.map((check) => check.name) }
  const scenario = parseScenario(written.text, { ...ground, file: written.file, roles })
  requirePolicy(scenario, testbed)
  await using _ = await lockDrill(testbed)
  const zone = roles.lost ?? ''
  const how = {
    drill: scenario.name,
    file: written.file,
    seed,
    lost: zone,
    testbed: name,
    policy: testbed.blueprint.policy,
  }
  const { id, folder } = await makeRunFolder(folders().state, { how, text: written.text, clock })
  tell(`${scenario.title} (run ${id}, seed ${seed})`)
  const rerun = `ezone drill replay ${id}${name === 'default' ? '' : ` --name ${name}`}`
  const parts = await LiveParts.of({ testbed, agent, scenario, seed, folder, rerun, ...(beside && { beside }) })
  using _first = goFirst()
  const outcome = await runDrill({ scenario, parts, signal, tell })
  const tookMs = Math.round(clock.monotonicMs() - beganMs)
  const result = {
    ...resultOf(scenario, outcome),
    run: id,
    seed,
    testbed: name,
    policy: how.policy,
    lost: zone,
    tookMs,
  }
  return { result, end: { ...outcome, drill: scenario.name } }
}

function resultOf(scenario: Scenario, outcome: DrillOutcome) {
  const { verdict, why, judgement, steps, interrupted, left, report } = outcome
  return {
    drill: scenario.name,
    verdict,
    why,
    grade: judgement?.grade ?? null,
    allowedGrade: scenario.allow.grade,
    claims: judgement?.claims ?? [],
    steps,
    rtoMs: judgement?.measures.rtoMs ?? null,
    rpoOrders: judgement?.measures.rpoOrders ?? [],
    interrupted,
    left,
    report,
  }
}

/** What a zone does that lost the majority is a matter of its testbed, made when it was made. */
function requirePolicy({ name, policy }: Scenario, { blueprint, name: testbed }: Testbed): void {
  if (policy === 'any' || policy === 'both' || policy === blueprint.policy) return
  throw new EzoneError(
    'EZ_OTHER_TOPOLOGY',
    `${name} is about the policy ${policy}, and testbed ${testbed} has ${blueprint.policy}`,
    {
      hint: `Say \`policy: ${policy}\` in ezone.yaml and start another testbed with --name, or let \`ezone drill run --all\` do so.`,
    },
  )
}

/** Two drills at once would judge each other's faults. @throws EZ_BUSY */
async function lockDrill({ folder, name }: Testbed): Promise<Lock> {
  const lock = await tryLock(join(folder, 'drill.lock'))
  if (!('heldBy' in lock)) return lock
  throw new EzoneError('EZ_BUSY', `a drill runs on testbed ${name} already (pid ${lock.heldBy.pid})`, {
    hint: 'Wait until it has ended, or interrupt it: its faults are removed then.',
  })
}
