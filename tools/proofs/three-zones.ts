import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DrcReport } from '../../testbed/drc/status.ts'
import { mustBe, type Proof } from '../proof.ts'
import { binlogsStopGrowing, losersIn, ordersIn } from '../prove/binlogs.ts'
import { reportOf, Whole } from '../prove/whole.ts'

const zones = ['bj', 'sh', 'gz']
const topology = `zones:\n${zones.map((name) => `  - name: ${name}\n`).join('')}`

export const proof: Proof = {
  statement: 'binlogs stop growing when load stops (no loop), with a three-zone topology too',
  limitMs: 8 * 60_000,
  async see({ signal }) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'three-'))
    const file = join(folder.path, 'ezone.yaml')
    await writeFile(file, topology)
    await using whole = await Whole.up('--file', file)
    const report = reportOf(await whole.load(40, 30))
    mustBe(report.failed + report.unknown === 0, `${report.failed} orders failed, ${report.unknown} unknown`)
    const madeIn = Object.fromEntries(zones.map((zone) => [zone, report.perZone[zone]?.ok ?? 0]))
    mustBe(
      zones.every((zone) => (madeIn[zone] ?? 0) > 0),
      `not every zone took orders: ${JSON.stringify(madeIn)}`,
    )
    const quietAfterMs = await binlogsStopGrowing(whole, zones, signal)
    const written = await ordersIn(whole, zones)
    mustBe(
      zones.every((zone) => written[zone] === report.ok),
      `${report.ok} acknowledged, there are ${JSON.stringify(written)}`,
    )
    const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
    mustBe(equal, 'the zones differ')
    const losers = await losersIn(whole, zones)
    mustBe(losers === 0, `${losers} changes met a version they had not seen`)
    const { lanes } = await whole.run<DrcReport>('drc', 'status')
    mustBe(lanes.length === 9, `${lanes.length} lanes run, not 3 relays and 6 appliers`)
    const lag = lanes.flatMap(({ role, source, zone, lagMs }) =>
      role === 'applier' ? [[`${source} -> ${zone}`, lagMs?.p99]] : [],
    )
    return {
      madeIn,
      inEveryZone: written,
      losers,
      binlogsQuietAfterMs: quietAfterMs,
      lagP99Ms: Object.fromEntries(lag),
    }
  },
}
