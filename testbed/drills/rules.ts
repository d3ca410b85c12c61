import { EzoneError } from '@ezone/sdk/errors'
import { contradiction } from '../chaos/contradictions.ts'
import { kinds, wishOf } from '../chaos/kinds.ts'
import type { FaultWish } from '../chaos/leases.ts'
import { requestSchema, shortestMs } from '../chaos/request.ts'
import { durationMs, durationText } from '../surroundings/duration.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { suggestion } from '../topology/nearest.ts'
import type { Path, Problem } from '../topology/positions.ts'

/** What a scenario may speak of. */
export interface DrillGround {
  readonly blueprint: Blueprint
  /** Names of the claims there are. */
  readonly claims: readonly string[]
}

const knownKinds: ReadonlySet<string> = new Set(kinds.map((kind) => kind.name))

type Raw = Readonly<Record<string, unknown>>

/**
 * Rules between fields, and names that must be there. Looks at the value as it was written, roles put in: what has no
 * readable shape is left to the shape check, so that one misspelt field does not hide an unknown zone.
 */
export function ruleProblems(value: unknown, ground: DrillGround): readonly Problem[] {
  const scenario = raw(value)
  const loadMs = ms(raw(scenario.load).for)
  const steps = Array.isArray(scenario.timeline) ? scenario.timeline.map(raw) : []
  return [
    ...steps.flatMap((step, index) => stepProblems(step, ['timeline', index], loadMs, ground.blueprint)),
    ...orderProblems(steps),
    ...contradictions(steps, loadMs, ground.blueprint),
    ...claimProblems(scenario.claims, ground.claims),
  ]
}

function stepProblems(step: Raw, at: Path, loadMs: number | null, blueprint: Blueprint): readonly Problem[] {
  const atMs = ms(step.at)
  const late = loadMs !== null && atMs !== null && atMs >= loadMs
  const tooLate = `begins after ${String(step.at)}, when the load is over (load.for: ${durationText(loadMs ?? 0)})`
  return [
    ...(late ? [{ at: [...at, 'at'], sentence: tooLate }] : []),
    ...faultProblems(raw(step.fault), [...at, 'fault'], blueprint),
    ...(late ? [] : leaseProblems(raw(step.fault), [...at, 'fault', 'for'], { atMs, loadMs })),
    ...switchProblems(raw(step.switch), [...at, 'switch'], blueprint),
    ...(isName(step.failback) ? zoneProblems(step.failback, [...at, 'failback'], blueprint) : []),
  ]
}

/** A fault that outlives its drill would be judged as if it had ended. */
function leaseProblems(
  fault: Raw,
  at: Path,
  { atMs, loadMs }: { readonly atMs: number | null; readonly loadMs: number | null },
): readonly Problem[] {
  const forMs = ms(fault.for)
  if (forMs === null || atMs === null || loadMs === null || atMs + forMs <= loadMs) return []
  const sentence = `lasts longer than the drill: it ends after ${durationText(atMs + forMs)}, the load after ${durationText(loadMs)}`
  return [{ at, sentence }]
}

/** What `ezone chaos run` would refuse, it refuses here. */
function faultProblems(fault: Raw, at: Path, blueprint: Blueprint): readonly Problem[] {
  const wish = wishAt(fault, blueprint)
  if (!EzoneError.is(wish)) return []
  return [{ at: wish.code === 'EZ_USAGE' ? at : [...at, 'target'], sentence: wish.message }]
}

/** Null where it has no shape yet that could be asked for. */
function wishAt(fault: Raw, blueprint: Blueprint): FaultWish | EzoneError | null {
  const { for: lease, ...asked } = fault
  const request = requestSchema.safeParse({ ...asked, forMs: ms(lease) ?? shortestMs })
  if (!request.success || !isName(request.data.target) || !knownKinds.has(request.data.kind)) return null
  try {
    return wishOf(request.data, blueprint)
  } catch (error) {
    if (EzoneError.is(error)) return error
    throw error
  }
}

/** Faults that would be in force at once and hide one another: `ezone chaos` would refuse the second one. */
function contradictions(steps: readonly Raw[], loadMs: number | null, blueprint: Blueprint): readonly Problem[] {
  const faults = steps.flatMap((step, index) => {
    const fault = raw(step.fault)
    const wish = wishAt(fault, blueprint)
    const fromMs = ms(step.at)
    if (wish === null || EzoneError.is(wish) || fromMs === null) return []
    const healedMs = ms(steps.slice(index).find(({ heal }) => heal !== undefined)?.at) ?? Number.POSITIVE_INFINITY
    const lastsMs = ms(fault.for) ?? loadMs ?? 0
    return [{ index, plan: wish.plan, fromMs, toMs: Math.min(fromMs + lastsMs, healedMs) }]
  })
  return faults.flatMap(({ index, plan, fromMs }, turn) => {
    const there = faults.slice(0, turn).filter((other) => other.toMs > fromMs)
    const why = there.map((other) => ({ other, why: contradiction(plan, other.plan) })).find((one) => one.why !== null)
    if (why === undefined) return []
    const sentence = `cannot be in force beside timeline[${why.other.index}].fault: ${why.why}`
    return [{ at: ['timeline', index, 'fault'], sentence }]
  })
}

function zoneProblems(name: string, at: Path, { zones }: Blueprint): readonly Problem[] {
  const names = zones.map((zone) => zone.name)
  return names.includes(name) ? [] : [{ at, sentence: `no zone is called ${name}; ${suggestion(name, names)}` }]
}

function switchProblems({ from, to, shards }: Raw, at: Path, blueprint: Blueprint): readonly Problem[] {
  const problems = [
    ...(isName(from) ? zoneProblems(from, [...at, 'from'], blueprint) : []),
    ...(isName(to) ? zoneProblems(to, [...at, 'to'], blueprint) : []),
    ...(Array.isArray(shards) ? shards : []).flatMap((shard, index) =>
      typeof shard !== 'number' || String(shard) in blueprint.shards
        ? []
        : [{ at: [...at, 'shards', index], sentence: `there is no shard ${shard}` }],
    ),
  ]
  if (problems.length > 0 || !isName(from) || from !== to) return problems
  return [{ at: [...at, 'to'], sentence: `is ${to}, where the shards are already` }]
}

function orderProblems(steps: readonly Raw[]): readonly Problem[] {
  return steps.flatMap((step, index) => {
    const [before, now] = [ms(steps[index - 1]?.at), ms(step.at)]
    if (before === null || now === null || now >= before) return []
    return [
      { at: ['timeline', index, 'at'], sentence: `stands after a step at ${durationText(before)}; put them in order` },
    ]
  })
}

function claimProblems(claims: unknown, known: readonly string[]): readonly Problem[] {
  if (!Array.isArray(claims)) return []
  return claims.flatMap((claim, index) =>
    typeof claim !== 'string' || known.includes(claim)
      ? []
      : [{ at: ['claims', index], sentence: `no claim is called ${claim}; ${suggestion(claim, known)}` }],
  )
}

/** A role that nobody plays is no name; that it is unknown is said elsewhere. */
const isName = (value: unknown): value is string => typeof value === 'string' && !value.includes('$')

const raw = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {})

const ms = (value: unknown): number | null => (typeof value === 'string' ? durationMs(value) : null)
