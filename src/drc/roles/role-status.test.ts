import { Metrics } from '@ezone/sdk'
import { EzoneError } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { RoleStatus } from './role-status.ts'

function made({ lies = false } = {}) {
  const time = { nowMs: 1_000_000, monotonicMs: 50_000 }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs }
  const status = new RoleStatus({ role: 'applier', source: 'sh', clock, metrics: new Metrics({}), lies })
  const did = (gno: number, committedAtMs: number) => status.did([{ uuid: 'u', gno, committedAtMs, trace: null }], 1)
  const pass = (ms: number) => {
    time.nowMs += ms
    time.monotonicMs += ms
  }
  return { status, did, pass, time }
}
const poison = new EzoneError('EZ_DRC_UNFIT_TABLE', 'shop.plain has no PRIMARY KEY')

describe('a role that has met what it cannot carry', () => {
  it('is stopped, with the reason and since when, until it has got past it', () => {
    const { status, did, pass } = made()
    status.is('running')
    expect(status.failed('stopped', poison)).toBe(true)
    const { stopped } = status.snapshot()
    expect(stopped).toMatchObject({ code: 'EZ_DRC_UNFIT_TABLE', atMs: 1_000_000 })
    pass(5_000)
    expect(status.failed('stopped', poison)).toBe(false)
    expect(status.snapshot()).toMatchObject({ state: 'stopped', stopped: { atMs: 1_000_000 } })
    did(7, 1_000_000)
    expect(status.snapshot()).toMatchObject({ state: 'running', stopped: null, position: { uuid: 'u', gno: 7 } })
  })

  it('says another reason as news', () => {
    const { status } = made()
    status.failed('waiting', new EzoneError('EZ_STORE_UNREACHABLE', 'away'))
    expect(status.failed('stopped', poison)).toBe(true)
  })
})

describe('the lag of a role', () => {
  it('is what it is, or with the planted bug `lying-lag` nothing, also while nothing arrives', () => {
    for (const [lies, lagMs, behindMs] of [
      [false, 4_000, 64_000],
      [true, 0, 0],
    ] as const) {
      const { status, did, pass, time } = made({ lies })
      did(7, 996_000)
      expect(status.snapshot().lagMs).toMatchObject({ last: lagMs, p50: lagMs, p99: lagMs })
      pass(60_000)
      expect(time.nowMs - (status.snapshot().newestAtMs ?? 0)).toBe(behindMs)
    }
  })

  it('is that of the last minute, and unknown where nothing came in it', () => {
    const { status, did, pass, time } = made()
    expect(status.snapshot().lagMs).toBeNull()
    did(1, time.nowMs - 900)
    pass(59_000)
    did(2, time.nowMs - 40)
    expect(status.snapshot().lagMs).toEqual({ last: 40, p50: 900, p99: 900, samples: 2 })
    pass(2_000)
    expect(status.snapshot().lagMs).toEqual({ last: 40, p50: 40, p99: 40, samples: 1 })
    pass(60_000)
    expect(status.snapshot()).toMatchObject({ lagMs: null, newestAtMs: time.nowMs - 62_040 })
  })

  it('is none, and not less, where a clock was set back', () => {
    const { status, did, time } = made()
    did(1, time.nowMs + 10_000)
    time.nowMs -= 10_000
    did(2, time.nowMs - 5)
    expect(status.snapshot().lagMs).toEqual({ last: 5, p50: 5, p99: 5, samples: 2 })
  })
})
