import { EzoneError } from '@ezone/sdk/errors'
import type { Lane } from '../drc/lanes.ts'
import type { LockedOrder } from './locked-orders.ts'

/** What is behind by more than this is not keeping up: a freeze would have to wait for it. */
const ageMsMax = 2_000

export interface Findings {
  readonly from: string
  readonly to: string
  /** Every lane of the replication between the two, both ways. */
  readonly lanes: readonly Lane[]
  /** Faults in force, in words. */
  readonly faults: readonly string[]
  /** Orders of the shards that are locked; null where the zone's database does not answer. */
  readonly locked: readonly LockedOrder[] | null
  /** Tables that are not the same in both zones; null where they were not compared. */
  readonly differing: readonly string[] | null
}

/** What keeps a planned switch from being safe now, in words; none where it may begin. */
export function redOf({ from, to, lanes, faults, locked, differing }: Findings): readonly string[] {
  const between = lanes.filter(
    ({ source, zone }) => (source === from || source === to) && (zone === from || zone === to),
  )
  return [
    ...faults.map((fault) => `a fault is in force: ${fault}`),
    ...between.flatMap((lane) => laneRed(lane) ?? []),
    ...(locked === null ? [`the database of ${from} does not answer`] : []),
    ...(locked?.length ? [`${locked.length} of the orders are locked: ${some(locked)}`] : []),
    ...(differing ?? []).map((table) => `${table} is not the same in ${from} and ${to}`),
  ]
}

function laneRed({ role, source, zone, state, ageMs, behind }: Lane): string | null {
  const name = role === 'relay' ? `the log of ${source}` : `the replication from ${source} to ${zone}`
  if (state !== 'running') return `${name} is ${state}`
  if (ageMs !== null && ageMs > ageMsMax) return `${name} is ${Math.round(ageMs / 1000)} s behind (${behind} changes)`
  return null
}

const some = (locked: readonly LockedOrder[]) =>
  locked
    .slice(0, 3)
    .map(({ orderId }) => orderId)
    .join(', ') + (locked.length > 3 ? ' …' : '')

/** @throws EZ_SWITCH_REFUSED */
export function requireGreen(red: readonly string[], what: string, hint?: string): void {
  if (red.length === 0) return
  throw new EzoneError(
    'EZ_SWITCH_REFUSED',
    `${what} is not begun: ${red.join('; ')}`,
    hint === undefined ? {} : { hint },
  )
}
