import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JuteReader } from './jute.ts'
import { limits } from './limits.ts'
import { isWithin } from './paths.ts'
import type { WatchEvent } from './types.ts'
import { Watches } from './watches.ts'

const path = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const mode = fc.constantFrom('persistent' as const, 'recursive' as const)

describe('watches', () => {
  it('hear each event once: their own node, and if recursive all below, but no lists of children', () => {
    const watch = fc.record({ path, mode })
    const type = fc.constantFrom<WatchEvent['type']>('created', 'deleted', 'changed', 'children')
    fc.assert(
      fc.property(fc.array(watch), path, type, (all, at, type) => {
        const watches = new Watches()
        const heard = all.map(() => ({ times: 0 }))
        for (const [i, one] of all.entries()) {
          const own = heard[i] ?? { times: 0 }
          watches.add(one.path, one.mode, () => {
            own.times++
          })
        }
        watches.dispatch({ type, path: at, zxid: null })
        const wanted = all.map((one) =>
          one.mode === 'persistent' ? one.path === at : type !== 'children' && isWithin(at, one.path),
        )
        expect(heard.map(({ times }) => times)).toEqual(wanted.map(Number))
      }),
    )
  })

  it('are removed at the server with the last who listens', () => {
    const watches = new Watches()
    const [one, two] = [() => undefined, () => undefined]
    watches.add('/a', 'recursive', one)
    watches.add('/a', 'recursive', two)
    expect(watches.remove('/a', 'persistent', one)).toBe(false)
    expect(watches.remove('/a', 'recursive', one)).toBe(false)
    expect(watches.remove('/a', 'recursive', two)).toBe(true)
    expect(watches.remove('/a', 'recursive', two)).toBe(false)
    expect(watches.frames(0n)).toEqual([])
  })

  it('are all set again, in as many requests as it takes', () => {
    const watches = new Watches()
    const long = 'x'.repeat(1_000)
    const wanted = Array.from({ length: 500 }, (_, i) => `/${long}/${i}`)
    for (const one of wanted) watches.add(one, one.endsWith('7') ? 'recursive' : 'persistent', () => undefined)
    const frames = watches.frames(7n)
    expect(frames.length).toBeGreaterThan(4)
    const set = frames.flatMap((frame) => {
      expect(frame.length).toBeLessThan(limits.watchBytesMax * 1.1)
      const reader = new JuteReader(frame.subarray(4))
      expect([reader.int(), reader.int(), reader.long()]).toEqual([-8, 105, 7n])
      return Array.from({ length: 5 }, () => reader.vector(() => reader.string())).flat()
    })
    expect(set.toSorted()).toEqual(wanted.toSorted())
  })
})
