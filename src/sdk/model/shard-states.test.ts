import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyStep, legalMoves, type MoveStep, planMove, type StepDetails } from './shard-states.ts'
import { type RoutingTable, routingTableSchema, type ShardEntry, type ShardState, shardStates } from './table.ts'

const zones = ['bj', 'sh', 'gz'] as const
const start: RoutingTable = {
  version: 7,
  shards: [
    { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 3 },
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 7 },
  ],
  cells: [[1, 31]],
}
const move = { id: 'm1', to: 'bj', expiresAtMs: 1_000 }
const barrier = { uuid: 'u', gno: 9 }
const of = (table: RoutingTable, shard = 31): ShardEntry =>
  table.shards.find((s) => s.shard === shard) ?? expect.fail(`no shard ${shard}`)
const seen = (table: RoutingTable) => {
  const { state, zone, epoch } = of(table)
  return `${state} ${zone} ${epoch}`
}
/** The table after each of the steps. */
function walk(steps: readonly MoveStep[], details: StepDetails = { move, barrier }): readonly RoutingTable[] {
  const tables = [start]
  for (const step of steps) tables.push(applyStep(tables.at(-1) ?? start, 31, step, details))
  return tables.slice(1)
}

/** Any steps in any order, some legal, most not. */
const attempts = fc.array(
  fc.record({
    shard: fc.constantFrom(31, 11),
    step: fc.constantFrom(...legalMoves.map((m) => m.step)),
    to: fc.constantFrom(...zones),
  }),
  { maxLength: 40 },
)
function* lives(tries: readonly { shard: number; step: MoveStep; to: string }[]) {
  let table = start
  for (const { shard, step, to } of tries) {
    try {
      const next = applyStep(table, shard, step, { move: { ...move, to }, barrier })
      yield { before: table, after: next, shard, step }
      table = next
    } catch {
      // What is not legal changes nothing.
    }
  }
}

describe('a move of a shard', () => {
  it('planned: freezes, drains, and is active in the other zone under a newer epoch', () => {
    expect(walk(planMove('planned')).map(seen)).toEqual(['FROZEN sh 8', 'DRAINING sh 8', 'ACTIVE bj 10'])
  })

  it('carries where it goes until it has arrived, and the barrier once it drains', () => {
    const moves = walk(planMove('planned')).map((table) => of(table).move)
    expect(moves).toEqual([{ ...move, mode: 'planned' }, { ...move, mode: 'planned', barrier }, undefined])
  })

  it('as a takeover: remembers under which epoch the shard was taken', () => {
    const tables = walk(planMove('takeover'))
    expect(tables.map(seen)).toEqual(['TAKEOVER sh 8', 'ACTIVE bj 9'])
    expect(of(tables.at(-1) ?? start).takenEpoch).toBe(9)
  })

  it('forgets a takeover when a planned move has committed, and not before', () => {
    const tables = walk([...planMove('takeover'), ...planMove('planned')], { move: { ...move, to: 'sh' }, barrier })
    expect(tables.slice(2).map((table) => of(table).takenEpoch)).toEqual([9, 9, undefined])
    const back = walk([...planMove('takeover'), 'freeze', 'roll-back'])
    expect(of(back.at(-1) ?? start).takenEpoch).toBe(9)
  })

  it.each<readonly MoveStep[]>([['freeze'], ['freeze', 'drain'], ['seize']].map((s) => s as MoveStep[]))(
    'can be rolled back after %s: active where it was, under a newer epoch',
    (...steps) => {
      const back = walk([...steps, 'roll-back']).at(-1) ?? start
      expect(of(back)).toEqual({ ...of(start), epoch: 8 + steps.length })
    },
  )

  it('is refused where the shard is in another state or not there', () => {
    expect(() => applyStep(start, 31, 'drain')).toThrow(expect.objectContaining({ code: 'EZ_ILLEGAL_STATE' }))
    expect(() => applyStep(start, 99, 'freeze', { move })).toThrow(
      expect.objectContaining({ code: 'EZ_UNKNOWN_SHARD' }),
    )
  })
})

describe('the table of legal moves', () => {
  it('has one outcome for a step in a state', () => {
    expect(new Set(legalMoves.map((m) => `${m.step} ${m.from}`)).size).toBe(legalMoves.length)
  })

  it('leads from every state back to ACTIVE', () => {
    const out = (state: ShardState) => legalMoves.filter((m) => m.from === state).map((m) => m.to)
    for (const state of shardStates.filter((s) => s !== 'ACTIVE')) expect(out(state)).toContain('ACTIVE')
  })
})

describe('whatever steps are tried, in whatever order', () => {
  const always = (
    law: (change: { before: RoutingTable; after: RoutingTable; shard: number; step: MoveStep }) => void,
  ) => fc.assert(fc.property(attempts, (tries) => [...lives(tries)].forEach(law)))

  it('the table stays one that everybody accepts, one version up', () => {
    always(({ before, after }) => {
      expect(routingTableSchema.parse(after)).toEqual(after)
      expect(after.version).toBe(before.version + 1)
    })
  })

  it('no other shard changes', () => {
    always(({ before, after, shard }) => {
      const other = shard === 31 ? 11 : 31
      expect(of(after, other)).toBe(of(before, other))
    })
  })

  it('who may write never changes under the same epoch, and an epoch never comes back', () => {
    const writer = ({ state, zone }: ShardEntry) => (state === 'ACTIVE' ? zone : null)
    always(({ before, after, shard }) => {
      const [was, is] = [of(before, shard), of(after, shard)]
      if (writer(was) !== writer(is) || is.state === 'ACTIVE') expect(is.epoch).toBeGreaterThan(was.epoch)
      else expect(is.epoch).toBeGreaterThanOrEqual(was.epoch)
    })
  })

  it('a shard changes its zone only when it was quiet before', () => {
    always(({ before, after, shard }) => {
      if (of(before, shard).zone !== of(after, shard).zone)
        expect(['DRAINING', 'TAKEOVER']).toContain(of(before, shard).state)
    })
  })

  it('a shard is on its way exactly while it is not ACTIVE', () => {
    always(({ after }) => {
      for (const { state, move: m } of after.shards) expect(m === undefined).toBe(state === 'ACTIVE')
    })
  })
})
