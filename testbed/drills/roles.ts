import { EzoneError } from '@ezone/sdk/errors'
import type { Blueprint } from '../topology/blueprint.ts'
import { suggestion } from '../topology/nearest.ts'
import type { Path, Problem } from '../topology/positions.ts'

/** What scenarios call the zones and places of any topology: `$lost`, `$other`, `$master`, `$edge`. */
export type Roles = Readonly<Record<string, string>>

/**
 * Who plays which part.
 * @param lost the zone that is broken or moved; by default the last one that is not the global master
 * @throws EZ_UNKNOWN_ZONE
 */
export function rolesOf({ zones, places, globalMaster }: Blueprint, lost?: string): Roles {
  const names = zones.map((zone) => zone.name)
  if (lost !== undefined && !names.includes(lost))
    throw new EzoneError('EZ_UNKNOWN_ZONE', `no zone is called ${lost}; ${suggestion(lost, names)}`)
  const broken = lost ?? names.findLast((name) => name !== globalMaster) ?? globalMaster
  const others = names.filter((name) => name !== broken)
  const other = others.find((name) => name === globalMaster) ?? others[0]
  const edge = places.find((place) => place.kind === 'edge')?.name
  return {
    lost: broken,
    master: globalMaster,
    ...(other !== undefined && { other }),
    ...(edge !== undefined && { edge }),
  }
}

const role = /\$([a-z]+)/g

/** The value with every role put in, in all its texts; roles that nobody plays stay as they are. */
export function withRoles(value: unknown, roles: Roles): unknown {
  if (typeof value === 'string') return value.replace(role, (written, name: string) => roles[name] ?? written)
  if (Array.isArray(value)) return value.map((item) => withRoles(item, roles))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withRoles(item, roles)]))
}

/** Roles that nobody plays, where they stand. */
export function roleProblems(value: unknown, roles: Roles, at: Path = []): readonly Problem[] {
  if (typeof value === 'string')
    return [...value.matchAll(role)]
      .filter(([, name = '']) => roles[name] === undefined)
      .map(([written, name = '']) => ({
        at,
        sentence:
          name === 'other'
            ? `nobody can be ${written} in a topology of one zone`
            : `there is no ${written}; ${suggestion(name, Object.keys(roles)).replace('known:', 'roles:')}`,
      }))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    roleProblems(item, roles, [...at, Array.isArray(value) ? Number(key) : key]),
  )
}
