import { applyGlobalStep, type GlobalAck, type GlobalMove } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { firstGlobalZone as first, plannedGlobalMove as planned } from '../../testbed/testing/global-record.ts'
import { type GlobalView, nextGlobalStep } from './global-next.ts'

const hard: GlobalMove = { ...planned, mode: 'hard', covered: false }
const said = (ack: Partial<GlobalAck>): GlobalAck => ({
  epoch: 2,
  role: 'replica',
  following: true,
  executed: null,
  drained: 0,
  trouble: '',
  keptAside: null,
  atMs: 1,
  ...ack,
})
const frozen = applyGlobalStep(first, 'freeze', planned)
const draining = applyGlobalStep(frozen, 'drain', { ...planned, barrier: 'u:1-7' })
const taken = applyGlobalStep(first, 'seize', hard)
const served = applyGlobalStep(taken, 'serve', hard)

const next = (view: Partial<GlobalView>, ...acks: readonly [string, Partial<GlobalAck>][]) =>
  nextGlobalStep({
    zone: frozen,
    move: planned,
    acks: new Map(acks.map(([zone, ack]) => [zone, said(ack)])),
    nowMs: 500,
    quietMs: 0,
    seizeMs: 100,
    ...view,
  })
const stopped = { role: 'stopped', executed: 'u:1-7' } as const

describe('a planned move of the global master', () => {
  it('drains what the old master says it had when it stopped, and only under this epoch', () => {
    expect(next({}, ['bj', stopped])).toEqual({ kind: 'step', step: 'drain', barrier: 'u:1-7' })
    expect(next({}, ['bj', { ...stopped, epoch: 1 }])).toMatchObject({ kind: 'wait' })
    expect(next({}, ['bj', { role: 'master' }])).toMatchObject({ kind: 'wait' })
  })

  it('is committed when the new one has executed all of it, and not before', () => {
    expect(next({ zone: draining }, ['sh', { drained: 2 }])).toEqual({ kind: 'step', step: 'commit' })
    expect(next({ zone: draining }, ['sh', { drained: 1 }], ['bj', stopped])).toMatchObject({ kind: 'wait' })
  })

  it('is rolled back when it expires, with who it waited for', () => {
    for (const zone of [frozen, draining])
      expect(next({ zone, nowMs: 1_000 })).toMatchObject({
        kind: 'step',
        step: 'roll-back',
        reason: expect.stringContaining('bj'),
      })
  })

  it('goes on rather than back where it expires and can go on', () => {
    expect(next({ zone: draining, nowMs: 1_000 }, ['sh', { drained: 2 }])).toMatchObject({ step: 'commit' })
  })
})

describe('a hard move', () => {
  it('of a master that was covered waits for nobody', () => {
    expect(next({ zone: taken, move: { ...hard, covered: true } })).toEqual({ kind: 'step', step: 'serve' })
  })

  it('of one that went on alone waits until it has said that it stopped, or can write no more', () => {
    expect(next({ zone: taken, move: hard, quietMs: 99 })).toMatchObject({ kind: 'wait', untilMs: 501 })
    expect(next({ zone: taken, move: hard, quietMs: 100 })).toMatchObject({ step: 'serve' })
    expect(next({ zone: taken, move: hard }, ['bj', stopped])).toMatchObject({ step: 'serve' })
    // What it had stopped under before it was the master again says nothing of now.
    expect(next({ zone: taken, move: hard }, ['bj', { ...stopped, epoch: 1 }])).toMatchObject({ kind: 'wait' })
  })

  it('goes forward alone, however late it is', () => {
    expect(next({ zone: taken, move: hard, nowMs: 9_999, quietMs: 1 })).toMatchObject({ kind: 'wait' })
  })

  it('has ended when the new master says that it is, under this epoch or a later one', () => {
    expect(next({ zone: served, move: hard }, ['sh', { role: 'master', epoch: 3 }])).toMatchObject({
      outcome: 'moved',
    })
    expect(next({ zone: served, move: hard }, ['sh', { role: 'master', epoch: 1 }])).toMatchObject({ kind: 'wait' })
    expect(next({ zone: served, move: hard, nowMs: 1_000 }, ['sh', { trouble: 'disk full' }])).toMatchObject({
      outcome: 'unconfirmed',
      reason: expect.stringContaining('disk full'),
    })
  })
})
