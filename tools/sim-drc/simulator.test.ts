import { describe, expect, it } from 'vitest'
import { type Bug, bugs } from './bugs.ts'
import { judge } from './judge.ts'
import { type Played, play } from './play.ts'
import { type Script, writeScript } from './script.ts'
import { shrink } from './shrink.ts'
import { tell } from './tell.ts'

/** Of 200 at most so many: what only the last seed shows is soon shown by none. */
const seedsMax = 120

/** The first seed whose world breaks a law. */
async function firstCaught(bug: Bug, law: string): Promise<Script | undefined> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const script = writeScript(seed)
    if (judge(await play(script, bug)).some((finding) => finding.law === law)) return script
  }
  return undefined
}

const traceOf = ({ lines, ground }: Played) =>
  JSON.stringify([lines, ground.zones.map(({ log, store }) => [log, [...store.positions], store.moves.length])])

describe('the simulator', () => {
  it('finds nothing wrong in the decisions of the core, with two to four zones', async () => {
    const seen = new Set<number>()
    for (let seed = 1; seed <= 25; seed++) {
      const script = writeScript(seed)
      seen.add(script.skewsMs.length)
      expect(judge(await play(script))).toEqual([])
    }
    expect([...seen].sort()).toEqual([2, 3, 4])
  })

  it('plays the same seed the same, to the last step', async () => {
    for (const seed of [1, 2, 3])
      expect(traceOf(await play(writeScript(seed)))).toBe(traceOf(await play(writeScript(seed))))
    expect(traceOf(await play(writeScript(1)))).not.toBe(traceOf(await play(writeScript(2))))
  })

  it('is not idle: there are writes, losers, deletes, deaths, and transactions in parts', async () => {
    const sum = { writes: 0, losers: 0, locks: 0, deletes: 0, troubles: 0, parts: 0, repeats: 0 }
    for (let seed = 1; seed <= 25; seed++) {
      const script = writeScript(seed)
      const { writes, ground } = await play(script)
      sum.troubles += script.troubles.length
      sum.writes += writes.length
      sum.deletes += writes.filter(({ op }) => op === 'delete').length
      for (const { store, log } of ground.zones) {
        const records = log.map((text) => JSON.parse(text) as { gno: number; part: number; parts: number })
        sum.losers += store.conflicts.length
        sum.locks += store.struck.size
        sum.parts += records.filter(({ parts }) => parts > 1).length
        sum.repeats += records.length - new Set(records.map(({ gno, part }) => `${gno}/${part}`)).size
      }
    }
    for (const [what, count] of Object.entries(sum)) expect(count, what).toBeGreaterThan(10)
  })

  it.each(Object.entries(bugs))('finds %s by the law it breaks', async (bug, { breaks }) => {
    expect(await firstCaught(bug as Bug, breaks)).toBeDefined()
  })
})

describe('a failure', () => {
  it('is told as a story: who stands where, what followed what, and which law broke', async () => {
    const found = await firstCaught('strict', 'equal')
    const smallest = await shrink(found as Script, 'equal', 'strict')
    expect(smallest.writes.length).toBeLessThan(8)
    const played = await play(smallest, 'strict')
    const story = tell(smallest, played, judge(played))
    expect(story).toMatch(/^Seed \d+, the zones bj/)
    expect(story).toMatch(/ ms {2}\w+ (insert|update|delete)s k\d, version \d+\.\d/)
    expect(story).toMatch(/equal: k\d is .* in bj, .* in sh/)
    expect(story.split('\n').length).toBeLessThan(60)
  })
})
