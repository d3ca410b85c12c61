import { describe, expect, it } from 'vitest'
import { idEpochMs, unpackId } from '../model/index.ts'
import { type Reservation, ReservedIds } from './reserved-ids.ts'

/** What is durable of a writer number, through all its lives; `away` while nobody can be asked. */
class Durable implements Reservation {
  readonly number = 5
  through = -1
  reservations = 0
  away = false

  async reserve(second: number): Promise<void> {
    if (this.away) throw new Error('nobody answers')
    this.through = Math.max(this.through, second)
    this.reservations++
  }
}

/** A clock that stands at a second since 2025 until it is set. */
class SetClock {
  second: number
  constructor(second: number) {
    this.second = second
  }
  nowMs = () => idEpochMs + this.second * 1000
  monotonicMs = () => this.second * 1000
}

const start = 1000
const life = (durable: Durable, clock = new SetClock(start)) => new ReservedIds(2, durable, clock)
const secondsOf = (ids: readonly bigint[]) => ids.map((id) => unpackId(id).seconds)

describe('ids that survive restarts', () => {
  it('are reserved before the first one is given', async () => {
    const durable = new Durable()
    const id = await life(durable).next(7)
    expect(unpackId(id)).toMatchObject({ zone: 2, writer: 5, seconds: start })
    expect(durable.through).toBeGreaterThanOrEqual(start)
  })

  it('begin above everything reserved by the life before, whatever ended it', async () => {
    const durable = new Durable()
    const first = await life(durable).next(7)
    const { through } = durable
    expect(secondsOf([first, await life(durable).next(7)])).toEqual([start, through + 1])
  })

  it('are refused when life follows life faster than the clock, and never given twice', async () => {
    const durable = new Durable()
    const given: bigint[] = []
    for (let i = 0; i < 7; i++) given.push(await life(durable).next(7))
    await expect(life(durable).next(7)).rejects.toMatchObject({ code: 'EZ_IDS_SPENT' })
    expect(new Set(given).size).toBe(7)
  })

  it('do not repeat where the clock was set back by 10 s between two lives: refused until it has caught up', async () => {
    const durable = new Durable()
    const given = [await life(durable).next(7)]
    const clock = new SetClock(start - 10)
    const second = life(durable, clock)
    await expect(second.next(7)).rejects.toMatchObject({ code: 'EZ_IDS_SPENT' })
    clock.second = start
    given.push(await second.next(7))
    expect(new Set(given).size).toBe(2)
  })

  it('are all different when many are asked for at once, through several reservations', async () => {
    const durable = new Durable()
    const ids = life(durable)
    const given = await Promise.all(Array.from({ length: 3000 }, () => ids.next(7)))
    expect(new Set(given).size).toBe(3000)
    expect(durable.reservations).toBeGreaterThan(1)
  })

  it('go on for a while where nobody can be asked, and then say so', async () => {
    const durable = new Durable()
    const clock = new SetClock(start)
    const ids = life(durable, clock)
    await ids.next(7)
    durable.away = true
    clock.second = start + 10
    expect(secondsOf([await ids.next(7)])).toEqual([start + 10])
    clock.second = start + 11
    await expect(ids.next(7)).rejects.toThrow('nobody answers')
    durable.away = false
    expect(secondsOf([await ids.next(7)])).toEqual([start + 11])
  })

  it('are reserved anew beside the requests, before the last second is spent', async () => {
    const durable = new Durable()
    const clock = new SetClock(start)
    const ids = life(durable, clock)
    await ids.next(7)
    clock.second = start + 5
    await ids.next(7)
    await Promise.resolve()
    expect([durable.reservations, durable.through]).toEqual([2, start + 15])
  })
})
