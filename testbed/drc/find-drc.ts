import type { Address } from '@ezone/sdk/model'
import type { Credentials } from '../stores/credentials.ts'
import { type Blueprint, portOf, type Spec } from '../topology/blueprint.ts'

/** An instance of the replication, and where it answers. Says nothing of whether it runs. */
export interface DrcDoor {
  readonly zone: string
  readonly place: string
  readonly instance: number
  readonly door: Address
}

/** The instances of DRC in every zone, those of one zone side by side. */
export function drcDoors({ specs }: Pick<Blueprint, 'specs'>): readonly DrcDoor[] {
  return specs.flatMap((spec) => {
    const door = spec.kind === 'service' && spec.service === 'drc' ? doorOf(spec, 'http') : undefined
    if (door === undefined || spec.kind !== 'service' || spec.zone === null) return []
    return [{ zone: spec.zone, place: spec.place, instance: spec.instance, door }]
  })
}

/** A zone's own MySQL, dialled directly: beside the platform and its links. */
export interface MysqlDoor {
  readonly zone: string
  /** 1..15: the low bits of the versions that are born there. */
  readonly number: number
  readonly mysql: Address & { readonly user: string; readonly password: string }
}

/** The MySQL of every zone, as its own root: what is compared must not be seen through what replicates it. */
export function mysqlDoors(
  { zones, specs }: Pick<Blueprint, 'zones' | 'specs'>,
  { mysql }: Credentials,
): readonly MysqlDoor[] {
  return zones.flatMap(({ name, number }) => {
    const spec = specs.find((one) => one.kind === 'mysql' && one.role === 'zone' && one.zone === name)
    const door = spec && doorOf(spec, 'client')
    return door === undefined ? [] : [{ zone: name, number, mysql: { ...door, ...mysql.root } }]
  })
}

const doorOf = (spec: Spec, port: string): Address | undefined => portOf(spec, port)?.host
