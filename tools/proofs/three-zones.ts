import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DrcReport } from '../../testbed/drc/status.ts'
import { mustBe, type Proof } from '../proof.ts'
import { binlogsStopGrowing, nothingLostOrDoubled } from '../prove/binlogs.ts'
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
    const report = reportOf(await whole.load(20, 30))
    const madeIn = Object.fromEntries(zones.map((zone) => [zone, report.perZone[zone]?.ok ?? 0]))
    mustBe(
      zones.every((zone) => (madeIn[zone] ?? 0) > 0),
      `not every zone took orders: ${JSON.stringify(madeIn)}`,
    )
    const quietAfterMs = await binlogsStopGrowing(whole, zones, signal)
    const written = await nothingLostOrDoubled(whole, zones, report)
    const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
    mustBe(equal, 'the zones differ')
    const { lanes } = await whole.run<DrcReport>('drc', 'status')
    mustBe(lanes.length === 9, `${lanes.length} lanes run, not 3 relays and 6 appliers`)
    const lag = lanes.flatMap(({ role, source, zone, lagMs }) =>
      role === 'applier' && lagMs !== null ? [[`${source} -> ${zone}`, { p50: lagMs.p50, p99: lagMs.p99 }]] : [],
    )
    return {
      madeIn,
      refused: report.failed,
      withoutAnswer: report.unknown,
      inEveryZone: written,
      losers: 0,
      binlogsQuietAfterMs: quietAfterMs,
      lagMs: Object.fromEntries(lag),
    }
  },
}
