import { describe, expect, it } from 'vitest'
import { arrivalsOf, profileOf, stepsOf } from './profile.ts'
import { Ramp } from './ramp.ts'
import { type LoadRecord, noReply } from './records.ts'

const size = { qps: 160, forMs: 36_000 }
const steps = stepsOf(size)
const { count, atMs } = arrivalsOf(profileOf('ramp-to-break', size))

/** A platform that is as fast as can be up to a rate; beyond, what it does with an operation is told. */
function ramped(breaksAbove: number, beyond: (n: number) => Partial<LoadRecord>) {
  const ramp = new Ramp(steps, 500)
  for (let index = 0; index < count; index++) {
    const intendedMs = atMs(index)
    const over = (steps.find(({ untilMs }) => intendedMs < untilMs)?.qps ?? 0) > breaksAbove
    const record = {
      ...noReply,
      index,
      kind: 'place',
      requestKey: null,
      zone: 'sh',
      outcome: 'ok',
      intendedMs,
    } as const
    ramp.add({ ...record, sentMs: intendedMs, answeredMs: intendedMs + 10, ...(over && beyond(index)) })
  }
  ramp.look(Number.POSITIVE_INFINITY)
  return ramp
}

describe('a ramp', () => {
  it('that nothing breaks holds at its last step', () => {
    const ramp = ramped(1_000, () => ({}))
    expect([ramp.broken, ramp.highestQps, ramp.results.length]).toEqual([false, 160, 12])
  })

  it.each([
    ['fails more than one in a hundred', (n: number) => (n % 20 === 0 ? { outcome: 'failed' as const } : {})],
    ['leaves it open what became of them', () => ({ outcome: 'unknown' as const })],
    ['is slower than allowed', () => ({ answeredMs: Number.MAX_SAFE_INTEGER })],
    ['cannot be asked in time', () => ({ sentMs: Number.MAX_SAFE_INTEGER })],
  ])('ends at the first rate at which the platform %s, and names the one before', (_, beyond) => {
    const ramp = ramped(60, beyond)
    const held = steps.filter(({ qps }) => qps <= 60).map(({ qps }) => qps)
    expect([ramp.broken, ramp.highestQps]).toEqual([true, held.at(-1)])
    expect(ramp.results.map(({ held: ok }) => ok)).toEqual([...held.map(() => true), false])
  })

  it('does not take operations that were never sent for held ones', () => {
    const ramp = new Ramp(steps, 500)
    expect(ramp.look((steps[0]?.untilMs ?? 0) + 1_600)).toBe(true)
    expect(ramp.highestQps).toBeNull()
  })

  it('waits for the slowest answers of a step before it judges it', () => {
    const ramp = new Ramp(steps, 500)
    expect(ramp.look((steps[0]?.untilMs ?? 0) + 1_000)).toBe(false)
    expect(ramp.results).toEqual([])
  })
})
