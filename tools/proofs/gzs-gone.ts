import { setTimeout as sleep } from 'node:timers/promises'
import { mustBe, type Proof } from '../proof.ts'
import { mustBeWell, reportOf, Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement: 'GZS killed everywhere for 60 s: orders go on',
  limitMs: 5 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    await whole.warmUp()
    const load = whole.load(100, 64)
    await sleep(2_000, undefined, { signal })
    const killed = await whole.kill(/\/gzs$/)
    const report = reportOf(await load)
    mustBe((await whole.pids(/\/gzs$/)).length === 0, 'a GZS came back by itself')
    mustBeWell(report)
    for (const id of killed) await whole.run('restart', id)
    const { version } = await whole.run<{ version: number }>('gzs', 'table')
    return { killed, orders: report.ok, failed: 0, p99Ms: report.p99Ms, tableAfterwards: version }
  },
}
