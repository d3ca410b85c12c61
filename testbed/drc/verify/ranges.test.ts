import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, type Range, type RangeSource } from './ranges.ts'

type Rows = ReadonlyMap<number, string>

/** A zone's table, which notes how much of it was asked for at once. */
class Zone implements RangeSource<number> {
  readonly #rows: readonly (readonly [number, string])[]
  most = 0

  constructor(rows: Rows) {
    this.#rows = [...rows].toSorted(([a], [b]) => a - b)
  }

  async sum(range: Range<number>) {
    const inside = this.#inside(range)
    return { rows: inside.length, digest: inside.map((row) => row.join('=')).join() }
  }

  async keyAt(range: Range<number>, n: number) {
    return this.#inside(range)[n - 1]?.[0] ?? null
  }

  async digests(range: Range<number>) {
    const inside = this.#inside(range)
    this.most = Math.max(this.most, inside.length)
    return new Map(inside.map(([key, digest]) => [String(key), { key, digest }]))
  }

  #inside({ from, to }: Range<number>) {
    return this.#rows.filter(([key]) => (from === null || key > from) && (to === null || key <= to))
  }
}

const rows = fc.uniqueArray(fc.tuple(fc.nat(400), fc.constantFrom('x', 'y')), {
  selector: ([key]) => key,
  size: 'max',
  maxLength: 200,
})
const tables = fc.record({
  base: rows,
  changes: fc.array(fc.record({ zone: fc.nat(2), key: fc.nat(400), value: fc.constantFrom('x', 'y', null) }), {
    maxLength: 12,
  }),
  zones: fc.integer({ min: 2, max: 3 }),
  empty: fc.option(fc.nat(2), { freq: 5 }),
  limits: fc.record({ chunkRows: fc.integer({ min: 1, max: 60 }), leafRows: fc.integer({ min: 2, max: 20 }) }),
})

describe('comparing tables range by range', () => {
  it('finds exactly the rows that differ, counts all, and never holds more than a leaf', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ base, changes, zones, empty, limits }) => {
        const contents = Array.from({ length: zones }, (_, index) => new Map(index === empty ? [] : base))
        for (const { zone, key, value } of changes) {
          if (value === null) contents[zone % zones]?.delete(key)
          else contents[zone % zones]?.set(key, value)
        }
        const sources = contents.map((one) => new Zone(one))
        const found: number[] = []
        const counts = contents.map(() => 0)
        for await (const part of differences(sources, limits)) {
          found.push(...part.keys.values())
          part.rows.forEach((count, index) => {
            counts[index] = (counts[index] ?? 0) + count
          })
        }
        const all = new Set(contents.flatMap((one) => [...one.keys()]))
        const differing = [...all].filter((key) => contents.some((one) => one.get(key) !== contents[0]?.get(key)))
        expect(found.toSorted((a, b) => a - b)).toEqual(differing.toSorted((a, b) => a - b))
        expect(counts).toEqual(contents.map((one) => one.size))
        for (const { most } of sources) expect(most).toBeLessThanOrEqual(limits.leafRows)
      }),
      { numRuns: 400 },
    )
  })
})
