import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreeMin, detectLoss, restMs, type Sight, type View, viewAgeMsMax } from './detect.ts'

const afterMs = 10_000
const up = { up: true, forMs: 60_000 }
const down = { up: false, forMs: afterMs }
const view = (place: string, bj: typeof up, sh: typeof up, ageMs = 500): View => ({ place, ageMs, zones: { bj, sh } })
const sight = (views: readonly View[], changes: Partial<Sight> = {}): Sight => ({
  views,
  serving: new Set(['bj', 'sh']),
  afterMs,
  sinceLastMs: null,
  ...changes,
})
const lostBj = [view('edge', down, up), view('sh', down, up)]

describe('the loss of a zone', () => {
  it('is found where the edge and the other zone see it down for long', () => {
    expect(detectLoss(sight(lostBj))).toEqual({
      from: 'bj',
      to: 'sh',
      why: 'edge and sh see bj down for 10 s or longer',
    })
  })

  it('is found although the zone sees itself well: it is cut off', () => {
    expect(detectLoss(sight([...lostBj, view('bj', up, { up: false, forMs: 1 })]))).toMatchObject({ from: 'bj' })
  })

  it('is not what each of two zones sees of the other when the wire between them is cut', () => {
    expect(detectLoss(sight([view('bj', up, down), view('sh', down, up), view('edge', up, up)]))).toBeUndefined()
  })

  it('is not found while the zone was seen up a moment ago, by either, however often it goes', () => {
    const again = { up: false, forMs: afterMs - 1 }
    expect(detectLoss(sight([view('edge', again, up), view('sh', down, up)]))).toBeUndefined()
  })

  it('is no loss where the zone serves nothing, or nobody can take over', () => {
    expect(detectLoss(sight(lostBj, { serving: new Set(['sh']) }))).toBeUndefined()
    expect(detectLoss(sight([view('edge', down, down), view('sh', down, down)]))).toBeUndefined()
    expect(detectLoss(sight([view('edge', down, up), view('sh', down, { up: false, forMs: 1 })]))).toBeUndefined()
  })

  it('is left to a person for a while after one automatic switch', () => {
    expect(detectLoss(sight(lostBj, { sinceLastMs: restMs - 1 }))).toBeUndefined()
    expect(detectLoss(sight(lostBj, { sinceLastMs: restMs }))).toMatchObject({ from: 'bj', to: 'sh' })
  })

  const seen = fc.record({ up: fc.boolean(), forMs: fc.constantFrom(0, afterMs - 1, afterMs, 60_000) })
  const views = fc.array(
    fc.record({
      place: fc.constantFrom('bj', 'sh', 'gz', 'edge'),
      ageMs: fc.constantFrom(0, viewAgeMsMax - 1, viewAgeMsMax, 60_000),
      zones: fc.record({ bj: seen, sh: seen, gz: seen }),
    }),
    { maxLength: 8 },
  )
  const fresh = (all: readonly View[]) => all.filter(({ ageMs }) => ageMs < viewAgeMsMax)
  const serving = new Set(['bj', 'sh', 'gz'])

  it('whatever is seen: two places agree that looked just now, each for long enough, and two see who takes over', () => {
    fc.assert(
      fc.property(views, (all) => {
        const loss = detectLoss(sight(all, { serving }))
        if (loss === undefined) return
        const saying = (zone: string, is: (s: { up: boolean; forMs: number }) => boolean) =>
          new Set(
            fresh(all)
              .filter(({ zones }) => zones[zone] !== undefined && is(zones[zone]))
              .map(({ place }) => place),
          ).size
        expect(saying(loss.from, (s) => !s.up && s.forMs >= afterMs)).toBeGreaterThanOrEqual(agreeMin)
        expect(saying(loss.to, (s) => s.up)).toBeGreaterThanOrEqual(agreeMin)
        expect(loss.from).not.toBe(loss.to)
      }),
      { numRuns: 2_000 },
    )
  })

  it('whatever is seen: one place alone decides nothing, however many instances it has', () => {
    fc.assert(
      fc.property(views, (all) => {
        const alone = all.map((one) => ({ ...one, place: 'edge' }))
        expect(detectLoss(sight(alone, { serving }))).toBeUndefined()
      }),
    )
  })

  it('whatever is seen: one more place that sees the zone up makes nobody leave it', () => {
    fc.assert(
      fc.property(views, (all) => {
        const before = detectLoss(sight(all, { serving }))
        const well = { bj: up, sh: up, gz: up }
        const after = detectLoss(sight([...all, { place: 'fifth', ageMs: 0, zones: well }], { serving }))
        if (after !== undefined && before !== undefined) expect(after.from).toBe(before.from)
        if (before === undefined && after !== undefined)
          // Only somebody to go to may have been missing.
          expect(detectLoss(sight([...all, { place: 'fifth', ageMs: 0, zones: {} }], { serving }))).toBeUndefined()
      }),
    )
  })
})
