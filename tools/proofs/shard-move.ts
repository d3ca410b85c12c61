import { setTimeout as sleep } from 'node:timers/promises'
import { mustBe, type Proof } from '../proof.ts'
import { mustBeWell, reportOf, Whole } from '../prove/whole.ts'

const moved = [
  ['31', 'bj'],
  ['44', 'bj'],
  ['31', 'sh'],
  ['44', 'sh'],
] as const

interface Entry {
  readonly changes: readonly {
    readonly shard: number
    readonly after: { zone: string; state: string; epoch: number }
  }[]
}

export const proof: Proof = {
  statement:
    '`ezone shard move 31 --to bj` under 200 writes/s: 0 client errors, 0 wrong-zone writes, longest hold printed (< 1 s)',
  limitMs: 6 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    await whole.warmUp()
    const load = whole.load(200, 25)
    await sleep(4_000, undefined, { signal })
    const moves: { frozenMs: number; longestHoldMs: number }[] = []
    for (const [shard, to] of moved) {
      moves.push(await whole.run('shard', 'move', shard, '--to', to, '--why', 'proof'))
      await sleep(1_000, undefined, { signal })
    }
    const report = reportOf(await load)
    mustBeWell(report)
    const longestHoldMs = Math.max(...moves.map((m) => m.longestHoldMs))
    mustBe(longestHoldMs < 1_000, `the longest hold was ${longestHoldMs} ms`)
    const wrong = await wrongZoneWrites(whole)
    mustBe(wrong.length === 0, `written in a zone that did not own the shard: ${wrong.slice(0, 3).join(', ')}`)
    return {
      moves: moved.map(([shard, to], i) => `${shard} to ${to}: frozen ${moves[i]?.frozenMs} ms`),
      writes: report.ok,
      errors: 0,
      wrongZoneWrites: 0,
      longestHoldMs,
      p99Ms: report.p99Ms,
    }
  },
}

/** Each order carries the epoch it was written under and a version with the zone's number: both must fit the history. */
async function wrongZoneWrites(whole: Whole): Promise<readonly string[]> {
  const { entries } = await whole.run<{ entries: readonly Entry[] }>('gzs', 'history', '--last', '200')
  const owner = new Map(
    entries.flatMap(({ changes }) => changes.map(({ shard, after }) => [`${shard}@${after.epoch}`, after] as const)),
  )
  const numbers = new Map([
    ['bj', 1],
    ['sh', 2],
  ])
  const wrong: string[] = []
  let seen = 0
  for (const row of await whole.rows('bj', 'SELECT order_id, shard, epoch, drc_ver FROM delivery.orders')) {
    seen++
    const under = owner.get(`${row.shard}@${row.epoch}`)
    const writer = Number(BigInt(row.drc_ver) & 15n)
    const fits =
      under === undefined ? Number(row.epoch) === 1 : under.state === 'ACTIVE' && numbers.get(under.zone) === writer
    if (!fits) wrong.push(`order ${row.order_id} of shard ${row.shard}, epoch ${row.epoch}, by zone ${writer}`)
  }
  mustBe(seen > 1_000, `only ${seen} orders were there to be judged`)
  return wrong
}
