import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observed } from '../runtimes/runtime.ts'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { planStop, planText, planUp } from './plan.ts'

const blueprint = defaultBlueprint()
const ids = blueprint.specs.map((spec) => spec.id)
const hashes = new Map(ids.map((id) => [id, 'same']))
const seen = (specId: string, more: Partial<Observed> = {}): Observed => ({
  specId,
  running: true,
  launchHash: 'same',
  pid: 1,
  container: null,
  startedAtMs: 0,
  ...more,
})
const started = (observed: readonly Observed[], renew: readonly string[] = []) =>
  planUp({ blueprint, observed, hashes, renew })
    .ops.filter((op) => op.op === 'start')
    .map((op) => `${op.target}: ${op.cause}`)

describe('the plan of `up`', () => {
  it('starts everything where nothing runs, and raises every link', () => {
    const { ops } = planUp({ blueprint, observed: [], hashes })
    expect(ops.filter((op) => op.op === 'start').map((op) => op.target)).toEqual(ids)
    expect(ops.filter((op) => op.op === 'raise').map((op) => op.target)).toEqual(['bj-sh', 'edge-bj', 'edge-sh'])
  })

  it('is empty where everything runs as it shall', () => {
    expect(planUp({ blueprint, observed: ids.map((id) => seen(id)), hashes }).ops).toEqual([])
    expect(planText({ ops: [] })).toBe('nothing to do')
  })

  it('starts only what is missing or dead, and says why', () => {
    const observed = ids.filter((id) => id !== 'sh/redis').map((id) => seen(id, { running: id !== 'bj/kafka' }))
    expect(started(observed)).toEqual(['bj/kafka: dead', 'sh/redis: absent'])
  })

  it('restarts what runs with another configuration', () => {
    const observed = ids.map((id) => seen(id, id === 'bj/mysql' ? { launchHash: 'older' } : {}))
    expect(started(observed)).toEqual(['bj/mysql: its configuration changed'])
    expect(planUp({ blueprint, observed, hashes }).ops.find((op) => op.id === 'start bj/mysql')?.needs).toContain(
      'stop bj/mysql',
    )
  })

  it('raises a link anew when its Toxiproxy is started anew, because that one comes back empty', () => {
    const plan = planUp({ blueprint, observed: ids.map((id) => seen(id)), hashes, renew: ['bj-sh/toxiproxy'] })
    expect(plan.ops.map((op) => op.id)).toEqual([
      'prepare',
      'stop bj-sh/toxiproxy',
      'start bj-sh/toxiproxy',
      'raise bj-sh',
    ])
  })

  it('raises a link whose Toxiproxy runs without its proxies, because somebody was ended in between', () => {
    const plan = planUp({ blueprint, observed: ids.map((id) => seen(id)), hashes, unraised: ['edge-sh'] })
    expect(plan.ops.map((op) => op.id)).toEqual(['prepare', 'raise edge-sh'])
  })

  it('waits for everything that runs where no start was ever seen to end well', () => {
    const { ops } = planUp({ blueprint, observed: ids.map((id) => seen(id)), hashes, unproven: true })
    expect(ops.filter((op) => op.op === 'await').map((op) => op.target)).toEqual(ids)
  })

  it('ends what the topology no longer holds', () => {
    const { ops } = planUp({ blueprint, observed: [...ids.map((id) => seen(id)), seen('gz/redis')], hashes })
    expect(ops.map((op) => op.id)).toEqual(['prepare', 'stop gz/redis'])
  })

  it('lets the ensemble wait until its links are open, for it cannot elect without them', () => {
    const { ops } = planUp({ blueprint, observed: [], hashes })
    expect(ops.find((op) => op.id === 'start edge/zookeeper-global')?.needs).toEqual(
      expect.arrayContaining(['raise bj-sh', 'raise edge-bj', 'raise edge-sh']),
    )
  })

  it('brings any half-started testbed to the same end, and needs no operation that is not in it', () => {
    fc.assert(
      fc.property(fc.subarray(ids), fc.subarray(ids), (running, dead) => {
        const observed = [...new Set([...running, ...dead])].map((id) => seen(id, { running: !dead.includes(id) }))
        const { ops } = planUp({ blueprint, observed, hashes })
        const after = new Set([
          ...observed.filter((o) => o.running).map((o) => o.specId),
          ...ops.filter((op) => op.op === 'start').map((op) => op.target),
        ])
        expect([...after].sort()).toEqual([...ids].sort())
        const known = new Set(ops.map((op) => op.id))
        expect(ops.flatMap((op) => op.needs).filter((id) => !known.has(id))).toEqual([])
      }),
    )
  })
})

describe('the plan of `stop`', () => {
  it('ends services before stores and stores before links, so that nobody writes into a closed store', () => {
    const { ops } = planStop(
      blueprint,
      ids.map((id) => seen(id)),
    )
    const needs = (id: string) => ops.find((op) => op.target === id)?.needs ?? []
    expect(needs('bj/orders')).toEqual([])
    expect(needs('bj/mysql')).toContain('stop bj/orders')
    expect(needs('bj-sh/toxiproxy')).toEqual(expect.arrayContaining(['stop bj/mysql', 'stop sh/orders']))
  })

  it('touches nothing but what it was asked for', () => {
    expect(
      planStop(
        blueprint,
        ids.map((id) => seen(id)),
        ['bj/redis'],
      ).ops.map((op) => op.id),
    ).toEqual(['stop bj/redis'])
  })
})
