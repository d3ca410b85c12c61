import { join } from 'node:path'
import type { PlantedBug } from '@ezone/sdk/model'
import type { ClaimResult } from '../../testbed/checks/claim.ts'
import { showings } from '../../testbed/drills/planted-bugs.ts'
import { packageRoot } from '../../testbed/surroundings/folders.ts'
import { Whole } from './whole.ts'

type Claims = readonly Pick<ClaimResult, 'name' | 'verdict' | 'counterexample'>[]

/** What a drill said on a testbed of its own, and how `ezone drill run` ended. */
export interface Drilled {
  readonly drill: string
  readonly seed: number
  readonly exit: number
  /** By claim, of those that did not hold, what was told of it. */
  readonly invalid: Readonly<Record<string, string>>
  readonly error: string | null
}

export interface Wanted {
  /** Null: a sound testbed, with the drill of `like`. */
  readonly bug: PlantedBug | null
  readonly like: PlantedBug
  readonly seed: number
}

/** Runs the drill of a planted bug, with it or without: a testbed is made for it and taken down. */
export async function drillOf({ bug, like, seed }: Wanted): Promise<Drilled> {
  const { drill, policy } = showings[like]
  await using whole = await Whole.upWith({ policy }, ...(bug === null ? [] : ['--sabotage', bug]))
  const name = drill.includes('/') ? join(packageRoot, drill) : drill
  const { exit, data, error } = await whole.cli.run('drill', 'run', name, '--seed', String(seed))
  const { claims = [] } = (data ?? {}) as { readonly claims?: Claims }
  const invalid = claims.filter(({ verdict }) => verdict === 'invalid')
  return {
    drill,
    seed,
    exit,
    invalid: Object.fromEntries(invalid.map(({ name: claim, counterexample }) => [claim, counterexample ?? ''])),
    error: error === null ? null : `${error.code}: ${error.message.slice(0, 600)}`,
  }
}

/** What is wrong with how a drill ended, going by what is planted; null where it is as it must be. */
export function whyNotAsPlanted({ bug, like }: Pick<Wanted, 'bug' | 'like'>, drilled: Drilled): string | null {
  const { exit, invalid, error } = drilled
  if (bug === null) return exit === 0 ? null : `ended with ${exit} on a sound testbed: ${error}`
  const { claim } = showings[like]
  if (exit !== 7) return `ended with ${exit}, not with 7: ${error}`
  if (invalid[claim] === undefined) return `${claim} held; what did not: ${Object.keys(invalid).join(', ')}`
  return invalid[claim] === '' ? `${claim} has no counterexample` : null
}
