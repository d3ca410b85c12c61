import { describe, expect, it } from 'vitest'
import { type StartTime, slowdown } from './history.ts'

const start = (readyMs: number, more: Partial<StartTime> = {}): StartTime => ({
  at: '',
  name: 'default',
  runtime: 'process',
  data: 'fresh',
  servers: 20,
  readyMs,
  equipMs: 0,
  criticalPath: [],
  times: [],
  ...more,
})
const past = [5000, 5200, 4900, 5100].map((ms) => start(ms))

describe('a start compared with the last ten of its kind', () => {
  it('is flagged when it took more than 20 % longer than their median', () => {
    expect(slowdown(start(6500), past)).toEqual({ medianMs: 5100, by: 6500 / 5100 - 1 })
  })

  it('is compared without the time that fetching servers took', () => {
    expect(slowdown(start(65_000, { equipMs: 60_000 }), past)).toBeNull()
  })

  it('is not flagged at 20 % or below', () => {
    expect(slowdown(start(6120), past)).toBeNull()
  })

  it('is not compared with starts of another runtime, of kept data, or of fewer servers', () => {
    expect(slowdown(start(60_000, { runtime: 'docker' }), past)).toBeNull()
    expect(slowdown(start(60_000, { data: 'kept' }), past)).toBeNull()
    expect(slowdown(start(60_000, { servers: 1 }), past)).toBeNull()
  })

  it('forgets starts older than ten', () => {
    const slowThenFast = [
      ...Array.from({ length: 10 }, () => start(100)),
      ...Array.from({ length: 10 }, () => start(5000)),
    ]
    expect(slowdown(start(5500), slowThenFast)).toBeNull()
  })
})
