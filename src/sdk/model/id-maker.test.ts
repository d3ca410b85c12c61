import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import { borrowSecondsMax, IdMaker } from './id-maker.ts'
import { idEpochMs, unpackId } from './ids.ts'

/** A clock in the hand of the test: `wallMs` may jump, `elapsedMs` only grows. */
function handClock(startSecond: number) {
  let wallMs = idEpochMs + startSecond * 1000
  let elapsedMs = 0
  const clock: Clock = { nowMs: () => wallMs, monotonicMs: () => elapsedMs }
  return {
    clock,
    pass: (ms: number) => {
      wallMs += ms
      elapsedMs += ms
    },
    setTo: (second: number) => {
      wallMs = idEpochMs + second * 1000
    },
  }
}

const noLimit = Number.MAX_SAFE_INTEGER
const spent = expect.objectContaining({ code: 'EZ_IDS_SPENT' })

describe('the ids of a cell', () => {
  it('count up within a second and begin anew in the next', () => {
    const { clock, pass } = handClock(100)
    const maker = new IdMaker({ zone: 2, writer: 3, clock, notBefore: 0 })
    const made = [maker.next(7, noLimit), maker.next(7, noLimit)]
    pass(1000)
    made.push(maker.next(7, noLimit))
    expect(made.map((id) => unpackId(id ?? 0n))).toEqual([
      { seconds: 100, cell: 7, zone: 2, writer: 3, sequence: 0 },
      { seconds: 100, cell: 7, zone: 2, writer: 3, sequence: 1 },
      { seconds: 101, cell: 7, zone: 2, writer: 3, sequence: 0 },
    ])
  })

  it('borrow the next second when 256 are spent, and end where the limit is', () => {
    const { clock, pass } = handClock(100)
    const maker = new IdMaker({ zone: 1, writer: 0, clock, notBefore: 0 })
    const burst = Array.from({ length: 256 * (borrowSecondsMax + 1) }, () => maker.next(7, noLimit))
    expect(new Set(burst).size).toBe(burst.length)
    expect(unpackId(burst.at(-1) ?? 0n)).toMatchObject({ seconds: 100 + borrowSecondsMax, sequence: 255 })
    expect(() => maker.next(7, noLimit)).toThrow(spent)
    expect(maker.next(8, noLimit), 'another cell has its own').toBeTypeOf('bigint')
    pass(1000)
    expect(maker.next(7, noLimit)).toBeTypeOf('bigint')
  })

  it('are not given beyond the seconds that are reserved', () => {
    const maker = new IdMaker({ zone: 1, writer: 0, clock: handClock(100).clock, notBefore: 0 })
    expect(maker.next(7, 99)).toBeUndefined()
    expect(maker.next(7, 100)).toBeTypeOf('bigint')
    expect(maker.highestSecond).toBe(100)
  })
})

describe('when the clock is set back', () => {
  it('a running writer goes on as if nothing had happened', () => {
    const { clock, pass, setTo } = handClock(1000)
    const maker = new IdMaker({ zone: 1, writer: 0, clock, notBefore: 0 })
    maker.next(7, noLimit)
    setTo(10)
    pass(2000)
    expect(unpackId(maker.next(7, noLimit) ?? 0n)).toMatchObject({ seconds: 1002, sequence: 0 })
  })

  it('a restarted one goes on above its earlier ids where that is near', () => {
    const maker = new IdMaker({ zone: 1, writer: 0, clock: handClock(1000).clock, notBefore: 1000 + borrowSecondsMax })
    expect(unpackId(maker.next(7, noLimit) ?? 0n).seconds).toBe(1000 + borrowSecondsMax)
  })

  it('a restarted one refuses where that is far, until the clock comes near', () => {
    const { clock, pass } = handClock(1000)
    const maker = new IdMaker({ zone: 1, writer: 0, clock, notBefore: 1001 + borrowSecondsMax })
    expect(() => maker.next(7, noLimit)).toThrow(spent)
    pass(1000)
    expect(maker.next(7, noLimit)).toBeTypeOf('bigint')
  })
})

/** What may befall a set of writers. A restart keeps only what is on disk: the second reserved last. */
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('make'),
      who: fc.nat(479),
      cell: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 1, max: 400 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('pass'), ms: fc.integer({ min: 0, max: 3000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('setTo'), second: fc.integer({ min: 5000, max: 5060 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('restart'), who: fc.nat(479) }) },
) as fc.Arbitrary<
  | { what: 'make'; who: number; cell: number; count: number }
  | { what: 'pass'; ms: number }
  | { what: 'setTo'; second: number }
  | { what: 'restart'; who: number }
>

describe('32 writers in each of 15 zones', () => {
  it('never give an id twice, and rising ones in each cell, through restarts and a clock set to and fro', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { clock, pass, setTo } = handClock(5030)
        const life = (who: number, notBefore: number) => ({
          maker: new IdMaker({ zone: 1 + (who % 15), writer: Math.floor(who / 15), clock, notBefore }),
          reserved: notBefore - 1,
        })
        const lives = new Map<number, ReturnType<typeof life>>()
        const seen = new Set<bigint>()
        const last = new Map<string, bigint>()

        const makeOne = (who: number, cell: number) => {
          const own = lives.get(who) ?? life(who, 0)
          lives.set(who, own)
          try {
            let id = own.maker.next(cell, own.reserved)
            if (id === undefined) {
              own.reserved = Math.max(own.maker.nowSecond(), own.maker.highestSecond + 1) + 1
              id = own.maker.next(cell, own.reserved)
            }
            if (id === undefined) throw new Error('a second within reach was not reserved')
            expect(seen.has(id)).toBe(false)
            expect(id > (last.get(`${who} ${cell}`) ?? 0n)).toBe(true)
            seen.add(id)
            last.set(`${who} ${cell}`, id)
          } catch (error) {
            expect(error).toEqual(spent)
          }
        }
        for (const e of events) {
          if (e.what === 'pass') pass(e.ms)
          else if (e.what === 'setTo') setTo(e.second)
          else if (e.what === 'restart') lives.set(e.who, life(e.who, (lives.get(e.who)?.reserved ?? -1) + 1))
          else for (let i = 0; i < e.count; i++) makeOne(e.who, e.cell)
        }
      }),
      { numRuns: 60 },
    )
  })
})
