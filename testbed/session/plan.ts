import type { Observed } from '../runtimes/runtime.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'

/**
 * A plan: what has to be done to bring what exists (observed) to what shall exist (blueprint). It is data; `up --dry-run`
 * prints it, the executor does just that and reads no flags. An empty plan means there is nothing to do.
 */
export interface Plan {
  readonly ops: readonly Op[]
}

export interface Op {
  readonly op: 'prepare' | 'stop' | 'start' | 'raise' | 'await'
  readonly id: string
  /** A spec, for `raise` a link, for `prepare` the runtime. */
  readonly target: string
  /** Why it has to be done. */
  readonly cause: string
  /** Operations of this plan that must be done first. */
  readonly needs: readonly string[]
}

export interface PlanInput {
  readonly blueprint: Blueprint
  readonly observed: readonly Observed[]
  /** spec id -> hash of the launch it would be started with now; empty where that cannot be known yet. */
  readonly hashes: ReadonlyMap<string, string>
  /** Links whose Toxiproxies run without their proxies being as they shall be: somebody was ended in between. */
  readonly unraised?: readonly string[]
  /** True where no start was ever seen to end well with what runs now: then all of it is waited for. */
  readonly unproven?: boolean
  /** Spec ids that shall be started anew although nothing about them changed. */
  readonly renew?: readonly string[]
}

/** What `up`, `start` and `restart` have to do. Pure. */
export function planUp(input: PlanInput): Plan {
  const { blueprint } = input
  const causes = new Map(blueprint.specs.map((spec) => [spec.id, causeToStart(spec, input)]))
  const strangers = input.observed.filter((o) => !causes.has(o.specId))
  const starting = blueprint.specs.filter((spec) => causes.get(spec.id) !== null)
  const awaited = input.unproven ? blueprint.specs.filter((spec) => causes.get(spec.id) === null) : []
  const raised = blueprint.links.filter(
    (link) => link.controllers.some((id) => causes.get(id) !== null) || input.unraised?.includes(link.name),
  )
  if ([starting, strangers, awaited, raised].every((some) => some.length === 0)) return { ops: [] }

  const stops: Op[] = [
    ...strangers.map((o) => stop(o.specId, 'not in the topology any more')),
    ...starting
      .filter((s) => input.observed.some((o) => o.specId === s.id))
      .map((s) => stop(s.id, causes.get(s.id) ?? '')),
  ]
  return {
    ops: [
      {
        op: 'prepare',
        id: 'prepare',
        target: blueprint.runtime,
        cause: 'folders, networks and images must exist',
        needs: [],
      },
      ...stops,
      ...starting.map((spec) => start(spec, causes, stops, raised)),
      ...raised.map((link) => raise(link, causes)),
      ...awaited.map((spec): Op => {
        const links = raised.filter((link) => link.controllers.some((id) => spec.needs.includes(id)))
        const needs = ['prepare', ...links.map((link) => `raise ${link.name}`)]
        return {
          op: 'await',
          id: `await ${spec.id}`,
          target: spec.id,
          cause: 'it runs, but was not seen to serve',
          needs,
        }
      }),
    ],
  }
}

function raise(link: Blueprint['links'][number], causes: ReadonlyMap<string, string | null>): Op {
  const controllers = link.controllers.filter((id) => causes.get(id) !== null)
  return {
    op: 'raise',
    id: `raise ${link.name}`,
    target: link.name,
    cause: controllers.length > 0 ? 'its Toxiproxy is new and empty' : 'its proxies are not as they shall be',
    needs: ['prepare', ...controllers.map((id) => `start ${id}`)],
  }
}

function causeToStart(spec: Spec, { observed, hashes, renew }: PlanInput): string | null {
  const now = observed.find((o) => o.specId === spec.id)
  if (now === undefined) return 'absent'
  if (!now.running) return 'dead'
  if (renew?.includes(spec.id)) return 'asked for'
  const hash = hashes.get(spec.id)
  return hash !== undefined && hash !== now.launchHash ? 'its configuration changed' : null
}

const stop = (target: string, cause: string): Op => ({
  op: 'stop',
  id: `stop ${target}`,
  target,
  cause,
  needs: ['prepare'],
})

function start(
  spec: Spec,
  causes: ReadonlyMap<string, string | null>,
  stops: readonly Op[],
  raised: Blueprint['links'],
): Op {
  const stopFirst = stops.filter((op) => op.id === `stop ${spec.id}`).map((op) => op.id)
  const starts = spec.needs.filter((id) => (causes.get(id) ?? null) !== null).map((id) => `start ${id}`)
  // Who waits for a link's Toxiproxy waits until its proxies listen, not only until it answers.
  const links = raised
    .filter((link) => link.controllers.some((id) => spec.needs.includes(id)))
    .map((l) => `raise ${l.name}`)
  return {
    op: 'start',
    id: `start ${spec.id}`,
    target: spec.id,
    cause: causes.get(spec.id) ?? '',
    needs: ['prepare', ...stopFirst, ...starts, ...links],
  }
}

/** Ends everything that runs: services first, then stores, links last, so that nobody writes into a closed store. */
export function planStop(blueprint: Blueprint, observed: readonly Observed[], only?: readonly string[]): Plan {
  const chosen = observed.filter((o) => only === undefined || only.includes(o.specId))
  const rank = (id: string) => {
    const kind = blueprint.specs.find((spec) => spec.id === id)?.kind
    return kind === 'service' ? 0 : kind === 'toxiproxy' ? 2 : 1
  }
  const ops = chosen.map((o) => {
    const earlier = chosen.filter((other) => rank(other.specId) < rank(o.specId))
    return { ...stop(o.specId, 'asked for'), needs: earlier.map((other) => `stop ${other.specId}`) }
  })
  return { ops }
}

/** The plan as lines a person (and a test) can read. */
export function planText(plan: Plan): string {
  if (plan.ops.length === 0) return 'nothing to do'
  return plan.ops.map((op) => `${op.id}  (${op.cause})`).join('\n')
}
