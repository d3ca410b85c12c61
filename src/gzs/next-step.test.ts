import { applyStep, type FenceAcks, type MoveMode, type MoveStep, planMove, type RoutingTable } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MoveView, nextStep } from './next-step.ts'

const barrier = { uuid: 'u', gno: 9 }
const first: RoutingTable = {
  version: 1,
  shards: [{ shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 }],
  cells: [[1, 31]],
}
const acks = (changes: Partial<FenceAcks>): FenceAcks => ({
  version: 1,
  atMs: 0,
  shards: {},
  barrier: {},
  drained: {},
  settled: {},
  ...changes,
})

/** The truth when these steps have been recorded. */
function having(mode: MoveMode, done: readonly MoveStep[], changes: Partial<MoveView> = {}): MoveView {
  let table = first
  for (const step of done)
    table = applyStep(table, 31, step, { move: { id: 'm', to: 'bj', expiresAtMs: 100 }, barrier })
  return {
    table,
    move: {
      id: 'm',
      shard: 31,
      from: 'sh',
      to: 'bj',
      mode,
      who: 'ann',
      why: 'a test',
      step: done.at(-1) ?? '',
      steps: [],
      barrier: null,
      expiresAtMs: 100,
      controller: 'edge-1',
      outcome: null,
      endedAtMs: null,
      reason: null,
    },
    fences: new Map(),
    nowMs: 50,
    quietMs: 0,
    seizeMs: 30,
    ...changes,
  }
}
const says = (zone: string, changes: Partial<FenceAcks>) => new Map([[zone, acks(changes)]])

describe('a planned move', () => {
  it('drains when the source has confirmed the freeze, towards the barrier it named', () => {
    const fences = says('sh', { shards: { 31: { epoch: 2, state: 'FROZEN' } }, barrier: { 31: barrier } })
    expect(nextStep(having('planned', ['freeze']))).toMatchObject({ kind: 'wait' })
    expect(nextStep(having('planned', ['freeze'], { fences }))).toEqual({ kind: 'step', step: 'drain', barrier })
  })

  it('is not moved by the confirmation of an earlier freeze', () => {
    const fences = says('sh', { shards: { 31: { epoch: 1, state: 'FROZEN' } }, barrier: { 31: barrier } })
    expect(nextStep(having('planned', ['freeze'], { fences }))).toMatchObject({ kind: 'wait' })
  })

  it('commits when the target has drained under this very epoch', () => {
    const drained = (epoch: number) =>
      having('planned', ['freeze', 'drain'], { fences: says('bj', { drained: { 31: epoch } }) })
    expect(nextStep(drained(1))).toMatchObject({ kind: 'wait' })
    expect(nextStep(drained(2))).toEqual({ kind: 'step', step: 'commit' })
  })

  it('has ended when the target serves', () => {
    const done = planMove('planned')
    const fences = says('bj', { shards: { 31: { epoch: 4, state: 'ACTIVE' } } })
    expect(nextStep(having('planned', done))).toMatchObject({ kind: 'wait' })
    expect(nextStep(having('planned', done, { fences }))).toEqual({ kind: 'end', outcome: 'moved', reason: null })
  })

  it.each([
    [['freeze'], 'sh has not confirmed the freeze'],
    [['freeze', 'drain'], 'bj has not applied what sh wrote before the freeze'],
  ] as [MoveStep[], string][])('that expires after %j is rolled back, and tells who did not answer', (done, reason) => {
    expect(nextStep(having('planned', done, { nowMs: 100 }))).toEqual({ kind: 'step', step: 'roll-back', reason })
  })

  it('goes on after its time where nobody needs to be waited for', () => {
    const fences = says('bj', { drained: { 31: 2 } })
    const late = having('planned', ['freeze', 'drain'], { fences, nowMs: 1_000 })
    expect(nextStep(late)).toEqual({ kind: 'step', step: 'commit' })
  })

  it('is not judged by a table that is older or newer than itself', () => {
    const fences = says('bj', { shards: { 31: { epoch: 4, state: 'ACTIVE' } } })
    const begun = having('planned', ['freeze'], { fences, nowMs: 1_000 })
    const { table: done } = having('planned', planMove('planned'))
    for (const table of [first, done]) expect(nextStep({ ...begun, table })).toMatchObject({ kind: 'wait' })
    const other = { ...begun.move, id: 'of an earlier one' }
    expect(nextStep({ ...begun, move: other })).toMatchObject({ kind: 'wait' })
  })

  it('is never rolled back once it is committed', () => {
    const late = having('planned', planMove('planned'), { nowMs: 1_000 })
    expect(nextStep(late)).toMatchObject({ kind: 'end', outcome: 'unconfirmed' })
  })
})

describe('a takeover', () => {
  it('serves at once when the zone it is taken from says that it has stopped', () => {
    const fences = says('sh', { shards: { 31: { epoch: 2, state: 'TAKEOVER' } } })
    expect(nextStep(having('takeover', ['seize'], { fences }))).toEqual({ kind: 'step', step: 'serve' })
  })

  it('without a word from that zone, serves when its lease is over, not before', () => {
    expect(nextStep(having('takeover', ['seize'], { quietMs: 29 }))).toMatchObject({ kind: 'wait', untilMs: 51 })
    expect(nextStep(having('takeover', ['seize'], { quietMs: 30 }))).toEqual({ kind: 'step', step: 'serve' })
  })
})

describe('whatever was acknowledged', () => {
  const ack = fc.record({ epoch: fc.nat({ max: 4 }), frozen: fc.boolean(), drained: fc.nat({ max: 4 }) })
  const world = {
    mode: fc.constantFrom<MoveMode>('planned', 'takeover'),
    steps: fc.nat({ max: 2 }),
    bj: ack,
    sh: ack,
    nowMs: fc.nat({ max: 200 }),
    quietMs: fc.nat({ max: 60 }),
  }

  it('what is decided can be done, and commit is decided only for a target that has drained', () => {
    fc.assert(
      fc.property(fc.record(world), ({ mode, steps, bj, sh, nowMs, quietMs }) => {
        const fences = new Map(Object.entries({ bj, sh }).map(([zone, said]) => [zone, saidBy(said)]))
        const view = having(mode, planMove(mode).slice(0, steps + 1), { fences, nowMs, quietMs })
        const decision = nextStep(view)
        if (decision.kind !== 'step') return
        applyStep(view.table, 31, decision.step)
        if (decision.step === 'commit') expect(bj.drained).toBe(2)
        if (decision.step === 'drain') expect([sh.epoch, sh.frozen]).toEqual([2, true])
        if (decision.step === 'serve') expect(sh.epoch === 2 || quietMs >= 30).toBe(true)
      }),
    )
  })
})

const saidBy = ({ epoch, frozen, drained }: { epoch: number; frozen: boolean; drained: number }) =>
  acks({
    shards: { 31: { epoch, state: frozen ? 'FROZEN' : 'ACTIVE' } },
    barrier: frozen ? { 31: barrier } : {},
    drained: { 31: drained },
  })
