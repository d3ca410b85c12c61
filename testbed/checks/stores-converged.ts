import type { History } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { type FinalRows, finalRows, unreadZones } from './final-rows.ts'
import { pushTo } from './operations.ts'
import { whyBrokenOff } from './soundness.ts'
import { count } from './words.ts'

/** A row in one zone: what it is called, and all of it that must be the same everywhere. */
interface Row {
  readonly zone: string
  readonly name: string
  readonly id: string
  readonly text: string
}

export const storesConverged = define({
  name: 'stores-converged',
  statement: 'When all is quiet every zone holds the same rows',
  missing: (history) =>
    whyBrokenOff(history) ?? (history.compared.length === 0 ? 'nobody compared the stores at the end' : null),
  look(history) {
    const read = finalRows(history)
    const unread = unreadZones(history, read)
    const rows = rowsOf(history)
    return {
      checked: rows.length + history.compared.reduce((sum, { rows: n }) => sum + Math.max(0, ...Object.values(n)), 0),
      found: [...differences(rows, read), ...unequal(history)],
      missing:
        unread.length > 0 ? `no rows were read of ${unread.join(', ')}: nobody knows whether they are the same` : null,
    }
  },
})

function rowsOf({ order, request, user, shared }: History): readonly Row[] {
  return [
    ...order.map(({ zone, orderId, state, version, epoch, riderId, locked }) => ({
      ...{ zone, name: `order ${orderId}`, id: orderId },
      text: `${state}, version ${version}, epoch ${epoch}, rider ${riderId ?? 'none'}${locked ? ', locked' : ''}`,
    })),
    ...request.map(({ zone, key, orderId }) => ({
      ...{ zone, name: `request ${key}`, id: orderId, text: `order ${orderId}` },
    })),
    ...user.map(({ zone, phone, userId }) => ({
      ...{ zone, name: `phone ${phone}`, id: phone, text: `user ${userId}` },
    })),
    ...shared.map(({ zone, key, value, version }) => ({
      ...{ zone, name: `row ${key}`, id: key },
      // A tombstone may be collected in one zone and not yet in another: gone is gone.
      text: value === null ? 'nothing' : `${value}, version ${version}`,
    })),
  ]
}

function differences(rows: readonly Row[], read: FinalRows): readonly Contradiction[] {
  const byName = new Map<string, Row[]>()
  for (const row of rows) pushTo(byName, row.name, row)
  const found: Contradiction[] = []
  for (const [name, copies] of byName) {
    const [first] = copies
    if (first === undefined) continue
    const missing = [...read.zones].filter((zone) => !copies.some((copy) => copy.zone === zone))
    const gone = copies.filter(({ text }) => text !== 'nothing')
    const differs = copies.some(({ text }) => text !== first.text) || (missing.length > 0 && gone.length > 0)
    if (!differs) continue
    const there = copies.map(({ zone, text }) => `${zone} has ${text}`)
    const story = () => `${name}: ${[...there, ...missing.map((zone) => `${zone} has nothing`)].join('; ')}`
    found.push({ ids: [first.id], size: copies.length, story })
  }
  return found
}

/** The comparison itself looks at more than what clients know of; it says less. */
function unequal({ compared }: History): readonly Contradiction[] {
  const last = new Map(compared.map((one) => [one.table, one]))
  return [...last.values()]
    .filter(({ equal }) => !equal)
    .map(({ table, differing, rows }) => {
      const sizes = Object.entries(rows).map(([zone, n]) => `${count(n, 'row')} in ${zone}`)
      const story = () => `${count(differing, 'row')} of ${table} differ between the zones (${sizes.join(', ')})`
      return { ids: [], size: 9, story }
    })
}
