import { durationMs, durationText } from '../surroundings/duration.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { suggestion } from '../topology/nearest.ts'
import type { Path, Problem } from '../topology/positions.ts'
import { linksBetween, placesOf, specsOf } from './names.ts'

/** What a scenario may speak of. */
export interface DrillGround {
  readonly blueprint: Blueprint
  /** Names of the claims there are. */
  readonly claims: readonly string[]
}

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

function faultProblems(fault: Raw, at: Path, blueprint: Blueprint): readonly Problem[] {
  return [
    ...betweenProblems(fault, at, blueprint),
    ...(isName(fault.zone) ? zoneProblems(fault.zone, [...at, 'zone'], blueprint) : []),
    ...(isName(fault.target) ? targetProblems(fault.target, [...at, 'target'], blueprint) : []),
  ]
}

function betweenProblems({ between, direction }: Raw, at: Path, blueprint: Blueprint): readonly Problem[] {
  if (!Array.isArray(between)) return []
  const names = between.map((name) => (isName(name) ? name : null))
  const known = knownPlaces(blueprint)
  const strange = names.flatMap((name, index) =>
    name === null || placesOf(blueprint, name).length > 0
      ? []
      : [{ at: [...at, 'between', index], sentence: `no zone or place is called ${name}; ${suggestion(name, known)}` }],
  )
  const [a, b] = names
  if (strange.length > 0 || !isName(a) || !isName(b)) return strange
  if (linksBetween(blueprint, [a, b]).length === 0)
    return [{ at: [...at, 'between'], sentence: `there is no wire between ${a} and ${b}` }]
  if (!isName(direction) || [`${a}:${b}`, `${b}:${a}`].includes(direction)) return []
  return [{ at: [...at, 'direction'], sentence: `must be ${a}:${b} or ${b}:${a}, not "${direction}"` }]
}

function zoneProblems(name: string, at: Path, { zones }: Blueprint): readonly Problem[] {
  const names = zones.map((zone) => zone.name)
  return names.includes(name) ? [] : [{ at, sentence: `no zone is called ${name}; ${suggestion(name, names)}` }]
}

function targetProblems(target: string, at: Path, blueprint: Blueprint): readonly Problem[] {
  if (specsOf(blueprint, target).length > 0) return []
  const known = blueprint.specs.filter((spec) => spec.kind !== 'toxiproxy').map((spec) => spec.id)
  return [{ at, sentence: `no server or service is called ${target}; ${suggestion(target, known)}` }]
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

const knownPlaces = ({ zones, places }: Blueprint) => [
  ...new Set([...zones.map((zone) => zone.name), ...places.map((place) => place.name)]),
]

/** A role that nobody plays is no name; that it is unknown is said elsewhere. */
const isName = (value: unknown): value is string => typeof value === 'string' && !value.includes('$')

const raw = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {})

const ms = (value: unknown): number | null => (typeof value === 'string' ? durationMs(value) : null)
