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
    const load = whole.load(100, 30, 'place=70,show=20,pay=10')
    await sleep(3_000, undefined, { signal })
    await whole.run('links', 'cut', 'bj-sh', '--for', '60s')
    await sleep(20_000, undefined, { signal })
    const [before] = await whole.rows('sh', 'SELECT COUNT(*) AS n FROM delivery.orders WHERE drc_ver & 15 = 1')
    await whole.run('links', 'join', 'bj-sh')
    const joinedMs = systemClock.monotonicMs()
    const report = reportOf(await load)
    const perZone = Object.entries(report.perZone).map(([zone, { requests, ok }]) => ({ zone, share: ok / requests }))
    for (const { zone, share } of perZone)
      mustBe(share >= 0.999, `${zone} answered ${(share * 100).toFixed(2)} % well: ${JSON.stringify(report)}`)
    const verified = await whole.run<{ equal: boolean; tables: readonly unknown[] }>('drc', 'verify')
    const equalAfterMs = Math.round(systemClock.monotonicMs() - joinedMs)
    mustBe(verified.equal, 'the zones differ')
    // The load went on for some seconds after the join; what counts is what was behind when the load had ended.
    const [after] = await whole.rows('sh', 'SELECT COUNT(*) AS n FROM delivery.orders WHERE drc_ver & 15 = 1')
    mustBe(Number(after?.n) > Number(before?.n), 'the cut held nothing back: nothing was shown')
    mustBe(equalAfterMs < 10_000 + 10_000, `equal ${equalAfterMs} ms after the join, with the load's last 7 s in it`)
    return { perZone, ordersHeldBack: Number(after?.n) - Number(before?.n), equalAfterMs, tables: verified.tables }
  },
}
