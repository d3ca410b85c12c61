import { type Explanation, packId, packVersion, type ShardEntry, type ShardMove } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { conclude } from './conclude.ts'
import type { Facts, OrderFact, SilentZone, TableFact, ZoneFact } from './facts.ts'
import { story } from './story.ts'

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
const orderId = String(packId({ seconds: 1_000, cell: 7, zone: 2, writer: 3, sequence: 0 }))
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Written `ago` ms before now by the zone with this number. */
const version = (ago: number, zone: number) => String(packVersion({ timeUs: BigInt(nowMs - ago) * 1000n, zone }))
const row = (ver: string, more: Partial<OrderFact> = {}): OrderFact => ({
  state: 'created',
  zone: 'sh',
  epoch: 1,
  locked: false,
  createdAt: '2026-01-02T03:04:00.000Z',
  traceId,
  version: ver,
  ...more,
})
const shardIn = (zone: string, epoch = 1): ShardEntry => ({ shard: 31, name: 'Shanghai', zone, state: 'ACTIVE', epoch })

function zoneOf(name: 'bj' | 'sh', owner: ShardEntry, more: Partial<ZoneFact> = {}): ZoneFact {
  const { shard, zone, epoch, state } = owner
  return {
    zone: name,
    number: name === 'bj' ? 1 : 2,
    nowMs,
    fence: { shard, zone, epoch, state, takenEpoch: 0, leaseUntilMs: null },
    row: row(version(500, 2)),
    tombstone: null,
    applied: [],
    conflicts: 0,
    losers: [],
    ...more,
  }
}

const tableOf = ({ name, zone, epoch, state }: ShardEntry, more: Partial<TableFact> = {}): TableFact => ({
  version: 9,
  name,
  zone,
  epoch,
  state,
  history: [],
  move: null,
  ...more,
})

function facts(shard: ShardEntry, zones: readonly (ZoneFact | SilentZone)[], more: Partial<Facts> = {}): Facts {
  const route: Explanation = {
    tag: `order=${orderId}`,
    shard: 31,
    zone: shard.zone,
    epoch: shard.epoch,
    rule: 'order',
    cell: 7,
    candidates: [],
  }
  return { orderId, route, table: tableOf(shard), zones, drc: [], traces: [], ...more }
}

const sh = shardIn('sh')
const role = {
  role: 'applier',
  source: 'sh',
  state: 'running',
  position: null,
  newestAtMs: null,
  transactions: 1,
  rows: 1,
  conflicts: 0,
  lagMs: { last: 40, p50: 42, p99: 80, samples: 10 },
  stopped: null,
} as const
const drc = [{ zone: 'bj', place: 'bj', instance: 1, roles: [role] }]

describe('a normal order', () => {
  const explained = conclude(facts(sh, [zoneOf('bj', sh), zoneOf('sh', sh)]))

  it('is the same in every zone, and says where it comes from', () => {
    expect(explained).toMatchObject({ agreement: 'equal', moved: false, zone: 'sh', epoch: 1, rule: 'order', traceId })
    expect(explained.id).toEqual({ cell: 7, madeIn: 'sh', writer: 3, madeAt: '2025-01-01T00:16:40.000Z' })
    expect(explained.zones[0]?.row).toMatchObject({ writtenIn: 'sh', writtenAt: new Date(nowMs - 500).toISOString() })
  })

  it('may be written in its own zone, and in no other; that one is told first', () => {
    expect(explained.zones.map(({ zone, decision }) => [zone, decision])).toEqual([
      ['sh', { kind: 'through' }],
      ['bj', expect.objectContaining({ kind: 'refuse', code: 'EZ_WRONG_ZONE_WRITE' })],
    ])
  })

  it('reads as a story', () => {
    const text = story(explained)
    expect(text).toContain(`order ${orderId}: the same in every zone`)
    expect(text).toContain('-> cell 7 -> shard 31 (Shanghai) -> sh, epoch 1')
    expect(text).toContain('a write under epoch 1 is refused with EZ_WRONG_ZONE_WRITE')
    expect(text).toContain('the same row')
    expect(text).toContain(traceId)
  })
})

describe('a moved order', () => {
  const bj = shardIn('bj', 5)
  const before = { zone: 'sh', state: 'ACTIVE' as const, epoch: 1 }
  const change = { version: 5, who: 'me', why: 'because', atMs: nowMs }
  const history = [
    { ...change, changes: [{ shard: 31, before, after: { zone: 'bj', state: 'ACTIVE' as const, epoch: 5 } }] },
    { ...change, version: 4, changes: [{ shard: 11, before, after: before }] },
  ]
  const paid = row(version(10, 1), { state: 'paid', zone: 'bj', epoch: 5 })
  const explained = conclude(
    facts(bj, [zoneOf('bj', bj, { row: paid }), zoneOf('sh', bj, { row: paid })], {
      table: tableOf(bj, { history }),
    }),
  )

  it('says that another zone serves it now, who moved it, and why', () => {
    expect(explained).toMatchObject({ moved: true, zone: 'bj', id: { madeIn: 'sh' }, agreement: 'equal' })
    expect(explained.history).toEqual([
      {
        version: 5,
        at: new Date(nowMs).toISOString(),
        who: 'me',
        why: 'because',
        before: 'ACTIVE sh 1',
        after: 'ACTIVE bj 5',
      },
    ])
    expect(story(explained)).toContain('from sh to bj')
  })

  it('may be written where it is now', () => {
    expect(explained.zones.map(({ decision }) => decision?.kind)).toEqual(['through', 'refuse'])
  })
})

describe('a lagging order', () => {
  const newer = row(version(1_500, 2), { state: 'paid' })

  it('is newest in its own zone, and says how long that has been missing elsewhere, and how long it usually takes', () => {
    const old = zoneOf('bj', sh, { row: row(version(9_000, 2)) })
    const explained = conclude(facts(sh, [old, zoneOf('sh', sh, { row: newer })], { drc }))
    expect(explained.agreement).toBe('lagging')
    expect(explained.zones.map(({ zone, behindMs, usualLagMs }) => [zone, behindMs, usualLagMs])).toEqual([
      ['sh', 0, null],
      ['bj', 1_500, 42],
    ])
    expect(story(explained)).toContain('missing here for 1500 ms; it usually takes 42 ms')
  })

  it('may have no row at all elsewhere', () => {
    const explained = conclude(facts(sh, [zoneOf('bj', sh, { row: null }), zoneOf('sh', sh)]))
    expect([explained.agreement, explained.zones[1]?.behindMs]).toEqual(['lagging', 500])
    expect(story(explained)).toContain('no row')
  })

  it('says why its lane does not go on, since when, and what it applied last', () => {
    const stopped = { code: 'EZ_STORE_UNREACHABLE', message: 'Kafka of sh is silent', hint: '', atMs: nowMs - 3_000 }
    const waiting: Facts['drc'] = [
      { zone: 'bj', place: 'bj', instance: 1, roles: [{ ...role, state: 'waiting', stopped }] },
    ]
    const old = zoneOf('bj', sh, {
      row: row(version(9_000, 2)),
      applied: [{ source: 'sh', uuid: 'u', gno: 7, appliedAtMs: nowMs - 4_000 }],
    })
    const explained = conclude(facts(sh, [old, zoneOf('sh', sh, { row: newer })], { drc: waiting }))
    expect(explained.zones[1]?.lane).toMatchObject({ source: 'sh', state: 'waiting', code: 'EZ_STORE_UNREACHABLE' })
    const text = story(explained)
    expect(text).toContain(`is waiting since ${new Date(nowMs - 3_000).toISOString()}`)
    expect(text).toContain(`it applied last at ${new Date(nowMs - 4_000).toISOString()}`)
    expect(text).toContain('EZ_STORE_UNREACHABLE: Kafka of sh is silent')
  })

  it('takes the numbers of a lane that stands still for nothing', () => {
    const standby: Facts['drc'] = [{ zone: 'bj', place: 'bj', instance: 1, roles: [{ ...role, state: 'standby' }] }]
    const explained = conclude(facts(sh, [zoneOf('bj', sh, { row: null }), zoneOf('sh', sh)], { drc: standby }))
    expect(explained.zones[1]).toMatchObject({ usualLagMs: null, lane: null })
  })
})

describe('other orders', () => {
  it('are ahead where another zone than the one that serves them has the newest version', () => {
    const newer = zoneOf('bj', sh, { row: row(version(1, 1)) })
    expect(conclude(facts(sh, [newer, zoneOf('sh', sh)])).agreement).toBe('ahead')
  })

  it('are unknown where a zone could not be asked, and that is not taken for an empty one', () => {
    const silent = { zone: 'bj', number: 1, error: 'connect ECONNREFUSED' }
    const explained = conclude(facts(sh, [silent, zoneOf('sh', sh)]))
    expect(explained).toMatchObject({
      agreement: 'unknown',
      zones: [{ zone: 'sh' }, { zone: 'bj', row: null, behindMs: null, decision: null }],
    })
    expect(story(explained)).toContain('could not be asked: connect ECONNREFUSED')
  })

  it('wait where the fence has not heard of the table yet', () => {
    const fresh = shardIn('sh', 3)
    const explained = conclude(facts(fresh, [zoneOf('bj', sh), zoneOf('sh', sh)]))
    expect(explained.zones[0]?.decision?.kind).toBe('wait')
  })

  it('are deleted where the newest version is a deletion; who has not heard of it lags behind', () => {
    const gone = zoneOf('sh', sh, { row: null, tombstone: version(100, 2) })
    const everywhere = conclude(facts(sh, [zoneOf('bj', sh, { row: null, tombstone: version(100, 2) }), gone]))
    expect(everywhere).toMatchObject({ agreement: 'deleted', zones: [{ deletedIn: 'sh', behindMs: 0 }, {}] })
    expect(story(everywhere)).toContain('deleted by sh at')
    const late = conclude(facts(sh, [zoneOf('bj', sh), gone]))
    expect(late).toMatchObject({ agreement: 'lagging', zones: [{ behindMs: 0 }, { behindMs: 100 }] })
  })

  it('that are locked pass the fence and are refused all the same', () => {
    const locked = row(version(100, 2), { locked: true })
    const explained = conclude(facts(sh, [zoneOf('bj', sh, { row: locked }), zoneOf('sh', sh, { row: locked })]))
    expect(explained).toMatchObject({ locked: true, zones: [{ decision: { code: 'EZ_ORDER_LOCKED' } }, {}] })
    expect(story(explained).split('\n')[0]).toContain('it is LOCKED')
  })

  it('differ where one version is not one row: the platform never does that', () => {
    const other = zoneOf('bj', sh, { row: row(version(500, 2), { state: 'paid' }) })
    expect(conclude(facts(sh, [other, zoneOf('sh', sh)])).agreement).toBe('differing')
  })

  it('say what was not kept of them', () => {
    const loser = {
      atMs: nowMs,
      source: 'sh',
      loser: 'incoming',
      winnerVersion: version(10, 1),
      loserVersion: version(20, 2),
    } as const
    const explained = conclude(facts(sh, [zoneOf('bj', sh, { conflicts: 1, losers: [loser] }), zoneOf('sh', sh)]))
    expect(story(explained)).toContain("bj's of 03:04:04.990 was kept, sh's of 03:04:04.980 was not")
  })

  it('are told without GZS where none answers, by the table the router has', () => {
    const explained = conclude(facts(sh, [zoneOf('bj', sh), zoneOf('sh', sh)], { table: { error: 'nobody is there' } }))
    expect(explained).toMatchObject({ agreement: 'equal', zone: 'sh', epoch: 1, state: 'unknown', tableVersion: null })
    expect(story(explained)).toContain('not told: nobody is there')
  })

  it('say that their shard is being moved, and how far that is', () => {
    const move = { from: 'sh', to: 'bj', mode: 'planned', step: 'draining', who: 'me', why: 'w', steps: [] } as const
    const table = tableOf(sh, { move: { ...move, outcome: null } as unknown as ShardMove })
    const explained = conclude(facts(sh, [zoneOf('bj', sh), zoneOf('sh', sh)], { table }))
    expect(explained.move).toMatchObject({ to: 'bj', step: 'draining' })
    expect(story(explained)).toContain('it is being moved (planned) from sh to bj: draining')
  })

  it('fit into 100 columns, whatever they come to', () => {
    const stopped = { code: 'EZ_STORE_UNREACHABLE', message: 'silent', hint: '', atMs: nowMs }
    const drcStopped: Facts['drc'] = [
      { zone: 'bj', place: 'bj', instance: 1, roles: [{ ...role, state: 'stopped', stopped }] },
    ]
    const lagging = facts(sh, [zoneOf('bj', sh, { row: row(version(9_000, 2)) }), zoneOf('sh', sh)], {
      drc: drcStopped,
    })
    for (const line of story(conclude(lagging)).split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  })
})
