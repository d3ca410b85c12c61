import { type RoutingTable, type ShardMove, type Suspects, switchMoveId, type ZoneSwitch } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasArrived, nextOfSwitch } from './next-of-switch.ts'

type Fate = 'moved' | 'unconfirmed' | 'rolled-back'

/** A truth in which moves end as fate wills, one change at a time, and any controller may act, die or repeat itself. */
class World {
  nowMs = 0
  record: ZoneSwitch
  readonly moves = new Map<number, ShardMove>()
  readonly suspects = new Map<number, Suspects>()
  readonly zones = new Map<number, string>()
  /** The most that were on their way at once, and what was begun, in order. */
  widest = 0
  readonly begun: number[] = []
  readonly #width: number

  constructor(record: ZoneSwitch, width: number) {
    this.record = record
    this.#width = width
    for (const { shard } of record.parts) this.zones.set(shard, 'sh')
  }

  get table(): RoutingTable {
    const shards = [...this.zones].map(([shard, zone]) => {
      const state = this.#runs(shard) ? ('FROZEN' as const) : ('ACTIVE' as const)
      return { shard, name: `${shard}`, zone, state, epoch: 7 }
    })
    return { version: 9, shards, cells: [] }
  }

  #runs = (shard: number) => this.moves.get(shard)?.outcome === null

  get running(): readonly number[] {
    return [...this.moves.keys()].filter(this.#runs)
  }

  decide() {
    const { record, table, moves, suspects, nowMs } = this
    return nextOfSwitch({ record, table, moves, suspects, nowMs, width: this.#width, suspectsMs: 500 })
  }

  /** One round of a controller that dies after so many of its actions. Returns whether there is nothing left to do. */
  round(diesAfter = 99): boolean {
    if (this.record.outcome !== null) return true
    const decision = this.decide()
    if (decision.kind === 'wait') this.nowMs = Math.max(this.nowMs, Math.min(decision.untilMs, this.nowMs + 1_000))
    else if (decision.kind === 'note' && diesAfter > 0) this.record = decision.record
    else if (decision.kind === 'begin')
      for (const { shard, attempt } of decision.parts.slice(0, diesAfter)) this.begin(shard, attempt)
    return false
  }

  begin(shard: number, attempt: number): void {
    const id = switchMoveId(this.record.id, { shard, attempt })
    if (this.moves.get(shard)?.id === id) return
    this.begun.push(shard)
    const { to, mode, who, why } = this.record
    const move = { id, shard, from: 'sh', to, mode: mode === 'planned' ? 'planned' : 'takeover', who, why } as const
    const open = { step: 'freeze', barrier: null, outcome: null, endedAtMs: null, reason: null }
    const steps = [{ step: 'freeze', atMs: this.nowMs }]
    this.moves.set(shard, { ...move, ...open, steps, expiresAtMs: this.nowMs + 100, controller: 'edge-1' })
    this.widest = Math.max(this.widest, this.running.length)
  }

  end(shard: number, outcome: Fate): void {
    const move = this.moves.get(shard)
    if (move === undefined || move.outcome !== null) return
    const steps = [...move.steps, { step: outcome, atMs: this.nowMs }]
    this.moves.set(shard, { ...move, outcome, steps, reason: outcome === 'moved' ? null : 'fate' })
    if (outcome !== 'rolled-back') this.zones.set(shard, this.record.to)
  }
}

const switchOf = (shards: readonly number[], changes: Partial<ZoneSwitch> = {}): ZoneSwitch => ({
  id: 'switch-1',
  from: 'sh',
  to: 'bj',
  mode: 'planned',
  canary: false,
  who: 'ann',
  why: 'a test',
  startedAtMs: 0,
  expiresAtMs: 60_000,
  controller: 'edge-1',
  parts: shards.map((shard) => ({
    shard,
    attempt: 1,
    outcome: null,
    reason: null,
    epoch: null,
    steps: [],
    suspects: null,
  })),
  suspects: [],
  suspectsComplete: null,
  outcome: null,
  endedAtMs: null,
  reason: null,
  ...changes,
})

/** To the end, every move ending as fate says of its shard and attempt. */
function played(world: World, fate: (shard: number, attempt: number) => Fate): World {
  for (let i = 0; i < 500; i++) {
    if (world.round()) return world
    for (const shard of world.running) world.end(shard, fate(shard, Number(world.moves.get(shard)?.id.split('.')[2])))
  }
  throw new Error('it does not end')
}

describe('a switch', () => {
  it('moves a few shards at a time, and the next few when those have ended', () => {
    const world = played(new World(switchOf([1, 2, 3, 4, 5]), 2), () => 'moved')
    expect(world.record).toMatchObject({ outcome: 'switched', reason: null })
    expect([world.widest, world.begun]).toEqual([2, [1, 2, 3, 4, 5]])
    expect(world.record.parts.map(({ outcome, epoch }) => [outcome, epoch])).toEqual(Array(5).fill(['moved', 7]))
  })

  it('with a canary moves one shard, and the others when it has arrived', () => {
    const world = new World(switchOf([1, 2, 3], { canary: true }), 3)
    world.round()
    world.round()
    expect(world.begun).toEqual([1])
    expect(played(world, () => 'moved').begun).toEqual([1, 2, 3])
    const dead = played(new World(switchOf([1, 2, 3], { canary: true }), 3), () => 'rolled-back')
    expect(dead.begun).toEqual([1, 1])
    expect(dead.record).toMatchObject({ outcome: 'stopped', reason: 'shard 1: fate' })
    expect(dead.record.parts.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'stayed', 'stayed'])
  })

  it('begins a shard once more that was rolled back, and stops at one that is so twice', () => {
    const again = played(new World(switchOf([1, 2]), 1), (_, attempt) => (attempt === 1 ? 'rolled-back' : 'moved'))
    expect([again.record.outcome, again.begun]).toEqual(['switched', [1, 1, 2, 2]])
    const stopped = played(new World(switchOf([1, 2, 3]), 1), (shard) => (shard === 2 ? 'rolled-back' : 'moved'))
    expect(stopped.record).toMatchObject({ outcome: 'stopped', reason: 'shard 2: fate' })
    expect(stopped.record.parts.map(({ outcome }) => outcome)).toEqual(['moved', 'rolled-back', 'stayed'])
  })

  it('begins nothing after its time', () => {
    const world = new World(switchOf([1, 2]), 1)
    world.nowMs = 60_000
    world.round()
    expect(world.record).toMatchObject({ outcome: 'stopped', reason: 'its time was over' })
    expect(world.begun).toEqual([])
  })

  it('passes over a shard that somebody else has moved there meanwhile', () => {
    const world = new World(switchOf([1, 2]), 1)
    world.zones.set(1, 'bj')
    expect(played(world, () => 'moved').begun).toEqual([2])
    expect(world.record.parts.map(({ outcome }) => outcome)).toEqual(['there', 'moved'])
  })
})

describe('a hard switch', () => {
  const told = (shard: number, changes: Partial<Suspects> = {}): Suspects => ({
    shard,
    zone: 'bj',
    epoch: 7,
    atMs: 0,
    complete: true,
    orders: [{ orderId: `${shard}00`, version: '5' }],
    count: 1,
    ...changes,
  })

  it('ends with what was acknowledged and had not arrived', () => {
    const world = new World(switchOf([1, 2], { mode: 'hard' }), 9)
    world.suspects.set(1, told(1)).set(2, told(2, { orders: [], count: 0 }))
    played(world, () => 'moved')
    expect(world.record).toMatchObject({ outcome: 'switched', suspectsComplete: true })
    expect(world.record.suspects).toEqual([{ orderId: '100', version: '5' }])
    expect(world.record.parts.map(({ suspects }) => suspects)).toEqual([1, 0])
  })

  it('waits for it a while, and does not take the list of an earlier takeover for it', () => {
    const world = new World(switchOf([1], { mode: 'hard' }), 9)
    world.suspects.set(1, told(1, { epoch: 3 }))
    played(world, () => 'moved')
    expect(world.record).toMatchObject({ suspects: [], suspectsComplete: false, endedAtMs: 500 })
    expect(world.record.parts[0]?.suspects).toBeNull()
  })

  it('knows that a list is not whole', () => {
    const world = new World(switchOf([1], { mode: 'hard' }), 9)
    world.suspects.set(1, told(1, { complete: false }))
    expect(played(world, () => 'moved').record.suspectsComplete).toBe(false)
  })
})

describe('whoever dies, whenever', () => {
  const shards = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 7 })
  const fates = fc.array(fc.constantFrom<Fate>('moved', 'moved', 'unconfirmed', 'rolled-back'), { minLength: 1 })
  const world = {
    shards,
    fates,
    mode: fc.constantFrom('planned' as const, 'hard' as const),
    canary: fc.boolean(),
    width: fc.integer({ min: 1, max: 5 }),
    /** After how many of its actions the controller of a round dies, and how many moves end in it. */
    rounds: fc.array(fc.record({ dies: fc.nat({ max: 3 }), end: fc.nat({ max: 3 }) }), { maxLength: 40 }),
  }

  it('it ends, no shard is left on its way, and the record says where each is', () => {
    fc.assert(
      fc.property(fc.record(world), ({ shards, fates, mode, canary, width, rounds }) => {
        const played_ = new World(switchOf(shards, { mode, canary }), width)
        let fate = 0
        for (const { dies, end } of rounds) {
          played_.round(dies)
          for (const shard of played_.running.slice(0, end)) played_.end(shard, fates[fate++ % fates.length] ?? 'moved')
        }
        const { record, zones, running, widest } = played(played_, () => fates[fate++ % fates.length] ?? 'moved')
        expect(record.outcome).not.toBeNull()
        expect(running).toEqual([])
        expect(widest).toBeLessThanOrEqual(width)
        for (const part of record.parts) {
          expect(part.outcome).not.toBeNull()
          expect([part.shard, zones.get(part.shard)]).toEqual([part.shard, hasArrived(part) ? 'bj' : 'sh'])
        }
        expect(record.outcome === 'switched').toBe(record.parts.every(hasArrived))
      }),
    )
  })
})
