import type { Address } from '@ezone/sdk/model'
import { GzsClient } from '../gzs/gzs-client.ts'
import type { Testbed } from '../session/testbed.ts'
import { type Blueprint, portOf } from '../topology/blueprint.ts'

/** The testbed a ledger is about. */
export type LedgerGround = Pick<Testbed, 'name' | 'blueprint' | 'credentials'> & {
  /** Folder of the testbed, where its agent has its journal; null where none runs: faults must then be noted by hand. */
  readonly folder: string | null
}

/** Where the instances of a service listen; of one zone where it is given. */
export function doorsOf({ specs }: Pick<Blueprint, 'specs'>, service: string, zone?: string): readonly Address[] {
  return specs
    .filter((spec) => spec.kind === 'service' && spec.service === service && (zone === undefined || spec.zone === zone))
    .flatMap((spec) => portOf(spec, 'http')?.host ?? [])
}

/** GZS instances, those at the edges first: who is cut off with a zone must not be asked for what all know. */
export function gzsOf({ specs }: Pick<Blueprint, 'specs'>): GzsClient {
  const found = specs.filter((spec) => spec.kind === 'service' && spec.service === 'gzs')
  const inOrder = found.toSorted((a, b) => Number(a.zone !== null) - Number(b.zone !== null))
  return new GzsClient(inOrder.flatMap((spec) => portOf(spec, 'http')?.host ?? []))
}
