import { applyStep, type RoutingTable, type TableMessage, tableMessageSchema } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageFor } from './subscribers.ts'

const first: RoutingTable = {
  version: 1,
  shards: [31, 11, 44].map((shard) => ({ shard, name: `s${shard}`, zone: 'sh', state: 'ACTIVE', epoch: 1 })),
  cells: [
    [1, 31],
    [2, 11],
  ],
}
const move = { id: 'm', to: 'bj', expiresAtMs: 9 }

/** What a subscriber makes of a message. */
function taken(held: RoutingTable | undefined, message: TableMessage | undefined): RoutingTable | undefined {
  if (message === undefined || message.type === 'ping') return held
  if (message.type === 'snapshot') return message.table
  const changed = new Map(message.shards.map((entry) => [entry.shard, entry]))
  return held && { ...held, version: message.version, shards: held.shards.map((s) => changed.get(s.shard) ?? s) }
}

describe('what a subscriber is sent', () => {
  it('is first of all the whole table, then nothing but the shards that changed', () => {
    expect(messageFor(undefined, first)).toEqual({ type: 'snapshot', table: first })
    const frozen = applyStep(first, 31, 'freeze', { move })
    expect(messageFor(first, frozen)).toMatchObject({ type: 'delta', version: 2, shards: [{ shard: 31 }] })
    expect(messageFor(frozen, frozen)).toBeUndefined()
  })

  it.each<[string, RoutingTable]>([
    [
      'a cell went to another shard',
      {
        ...first,
        version: 2,
        cells: [
          [1, 11],
          [2, 11],
        ],
      },
    ],
    ['a shard is new', { ...first, version: 2, shards: [...first.shards, { ...first.shards[0], shard: 7 }] as never }],
  ])('is the whole table again where %s', (_, table) => {
    expect(messageFor(first, table)).toEqual({ type: 'snapshot', table })
  })

  it('leads to the table there is, from whichever it had', () => {
    const steps = fc.array(fc.constantFrom('freeze', 'drain', 'commit', 'roll-back', 'seize', 'serve'), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(steps, fc.nat(30), fc.constantFrom(31, 11), (tries, skipped, shard) => {
        const tables = [first]
        for (const step of tries) {
          try {
            tables.push(applyStep(tables.at(-1) ?? first, shard, step, { move }))
          } catch {
            // Not legal here.
          }
        }
        const [had, now] = [tables[Math.min(skipped, tables.length - 1)] ?? first, tables.at(-1) ?? first]
        const message = messageFor(had, now)
        if (message !== undefined) expect(tableMessageSchema.parse(message)).toEqual(message)
        expect(taken(had, message)).toEqual(now)
      }),
    )
  })
})
