import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { mustBe, type Proof } from '../proof.ts'
import { reportOf, Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement:
    'Link cut with `ezone links cut bj-sh`: both zones keep their own orders; after `join`, `drc verify` equal within 10 s',
  limitMs: 5 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    const load = whole.load(50, 25, 'place=70,show=20,pay=10')
    await sleep(4_000, undefined, { signal })
    await whole.run('links', 'cut', 'bj-sh', '--for', '120s')
    const report = reportOf(await load)
    const perZone = Object.entries(report.perZone).map(([zone, { requests, ok }]) => ({ zone, share: ok / requests }))
    mustBe(perZone.length === 2, `orders were placed in ${perZone.map(({ zone }) => zone).join()} alone`)
    for (const { zone, share } of perZone)
      mustBe(share >= 0.999, `${zone} answered ${(share * 100).toFixed(2)} % well: ${JSON.stringify(report)}`)
    const before = await ordersInSh(whole)
    await whole.run('links', 'join', 'bj-sh')
    const joinedMs = systemClock.monotonicMs()
    const verified = await whole.run<{ equal: boolean; tables: readonly unknown[] }>('drc', 'verify')
    const equalAfterMs = Math.round(systemClock.monotonicMs() - joinedMs)
    mustBe(verified.equal, 'the zones differ')
    const ordersHeldBack = (await ordersInSh(whole)) - before
    mustBe(ordersHeldBack > 0, 'the cut held nothing back: nothing was shown')
    mustBe(equalAfterMs <= 10_000, `equal ${equalAfterMs} ms after the join`)
    return { perZone, ordersHeldBack, equalAfterMs, tables: verified.tables }
  },
}

/** Orders of bj that have arrived in sh. */
async function ordersInSh(whole: Whole): Promise<number> {
  const [row] = await whole.rows('sh', 'SELECT COUNT(*) AS n FROM delivery.orders WHERE drc_ver & 15 = 1')
  return Number(row?.n)
}
