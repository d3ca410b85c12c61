import { describe, expect, it } from 'vitest'
import { Bell } from './bell.ts'

const never = new AbortController().signal
const anHour = 3_600_000

describe('a bell', () => {
  it('wakes everybody who waits', async () => {
    const bell = new Bell()
    const waits = [1, 2, 3].map(() => bell.wait(bell.revision, anHour, never))
    bell.ring()
    await Promise.all(waits)
  })

  it('is not missed by who looked before it rang and waits afterwards', async () => {
    const bell = new Bell()
    const { revision } = bell
    bell.ring()
    await bell.wait(revision, anHour, never)
  })

  it('is waited for no longer than asked, or wanted', async () => {
    const bell = new Bell()
    await bell.wait(bell.revision, 1, never)
    await bell.wait(bell.revision, anHour, AbortSignal.timeout(1))
    expect(bell.revision).toBe(0)
  })
})
