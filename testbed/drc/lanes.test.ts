import type { DrcRole } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import type { DrcFacts, Instance, ZoneLook } from './facts.ts'
import { type Lane, lanesOf, requireRunning } from './lanes.ts'
import { reportOf } from './status.ts'
import { statusText } from './status-text.ts'

const nowMs = 1_800_000_000_000
const roleOf = (role: DrcRole['role'], source: string, more: Partial<DrcRole> = {}): DrcRole => ({
  role,
  source,
  state: 'running',
  position: role === 'relay' ? { uuid: source, gno: 20 } : null,
  newestAtMs: nowMs - 90,
  transactions: 5,
  rows: 9,
  conflicts: 0,
  lagMs: { last: 40, p50: 42, p99: 80, samples: 5 },
  stopped: null,
  ...more,
})

const instanceOf = (zone: string, instance: number, roles: readonly DrcRole[] | null): Instance => ({
  zone,
  place: zone,
  instance,
  status: roles && { zone, place: zone, instance, roles: [...roles] },
})

const lookOf = (zone: string, other: string, applied = 20): ZoneLook => ({
  zone,
  head: { uuid: zone, gno: 20 },
  applied: [{ source: other, uuid: other, gno: applied }],
  conflicts: new Map([[other, 3]]),
})

const bj = [roleOf('relay', 'bj'), roleOf('applier', 'sh')]
const sh = [roleOf('relay', 'sh'), roleOf('applier', 'bj')]
const standby = (roles: readonly DrcRole[]) => roles.map((role) => ({ ...role, state: 'standby' as const }))

const facts = (instances: readonly Instance[], looks = [lookOf('bj', 'sh'), lookOf('sh', 'bj')]): DrcFacts => ({
  nowMs,
  zones: ['bj', 'sh'],
  instances,
  looks: new Map(looks.map((look) => [look.zone, look])),
})

const well = [instanceOf('bj', 1, bj), instanceOf('bj', 2, standby(bj)), instanceOf('sh', 1, sh)]
const laneOf = (lanes: readonly Lane[], role: string, source: string) =>
  lanes.find((lane) => lane.role === role && lane.source === source)
const verdictOf = (of: DrcFacts) => {
  try {
    requireRunning(lanesOf(of))
  } catch (error) {
    return error
  }
  return null
}

describe('the lanes of two zones', () => {
  it('are a relay in each and an applier each way, with who carries them and who stands by', () => {
    const lanes = lanesOf(facts(well))
    expect(lanes.map(({ role, source, zone }) => `${role} ${source} ${zone}`)).toEqual([
      'relay bj bj',
      'relay sh sh',
      'applier bj sh',
      'applier sh bj',
    ])
    expect(laneOf(lanes, 'applier', 'sh')).toMatchObject({
      state: 'running',
      holder: 'bj-1',
      standbys: ['bj-2'],
      position: { uuid: 'sh', gno: 20 },
      behind: 0,
      ageMs: 0,
      conflicts: 3,
    })
    expect(verdictOf(facts(well))).toBeNull()
  })

  it('are as far behind as the databases say, and as old as the newest change that is there', () => {
    const lanes = lanesOf(facts(well, [lookOf('bj', 'sh'), lookOf('sh', 'bj', 13)]))
    expect(laneOf(lanes, 'applier', 'bj')).toMatchObject({ behind: 7, ageMs: 90 })
  })

  it('count from nothing where the source runs on another server than was applied', () => {
    const look = { ...lookOf('sh', 'bj'), applied: [{ source: 'bj', uuid: 'an older server', gno: 900 }] }
    const lanes = lanesOf(facts(well, [lookOf('bj', 'sh'), look]))
    expect(laneOf(lanes, 'applier', 'bj')).toMatchObject({ position: null, behind: 20 })
  })

  it('are stopped, with the reason, where one says so', () => {
    const stopped = { code: 'EZ_DRC_GAP', message: 'the log goes on with 9', hint: 'Copy it anew.', atMs: nowMs }
    const lanes = facts([
      instanceOf('bj', 1, bj),
      instanceOf('sh', 1, [roleOf('relay', 'sh'), roleOf('applier', 'bj', { state: 'stopped', stopped })]),
    ])
    expect(verdictOf(lanes)).toMatchObject({
      code: 'EZ_DRC_STOPPED',
      message: 'bj -> sh: EZ_DRC_GAP the log goes on with 9',
    })
    expect(statusText(reportOf(lanes))).toMatch(
      /bj -> sh stopped since 20\S+: EZ_DRC_GAP the log goes on with 9\n {2}Copy/,
    )
  })

  it.each<[what: string, facts: DrcFacts, message: RegExp, state: string]>([
    [
      'nobody has a role although all answer',
      facts([instanceOf('bj', 1, bj), instanceOf('sh', 1, [roleOf('relay', 'sh')])]),
      /^bj -> sh: no instance in sh has the role$/,
      'vacant',
    ],
    [
      'one that does not answer may have it',
      facts([instanceOf('bj', 1, bj), instanceOf('sh', 1, [roleOf('relay', 'sh')]), instanceOf('sh', 2, null)]),
      /^bj -> sh: no instance that answers in sh has the role, and not all of them answer$/,
      'unknown',
    ],
    [
      'a database does not answer',
      facts(well, [lookOf('bj', 'sh')]),
      /bj -> sh: MySQL of sh does not answer/,
      'running',
    ],
  ])('are unknown where %s', (_, of, message, state) => {
    expect(verdictOf(of)).toMatchObject({ code: 'EZ_DRC_UNKNOWN', message: expect.stringMatching(message) })
    expect(laneOf(lanesOf(of), 'applier', 'bj')?.state).toBe(state)
  })

  it('run all the same where one that stands by does not answer, and it is said', () => {
    const without = facts([instanceOf('bj', 1, bj), instanceOf('bj', 2, null), instanceOf('sh', 1, sh)])
    expect(verdictOf(without)).toBeNull()
    expect(statusText(reportOf(without))).toContain('no answer from bj-2')
  })
})
