import { setTimeout as sleep } from 'node:timers/promises'
import { mustBe, type Proof } from '../proof.ts'
import { reportOf, Whole } from '../prove/whole.ts'

const kills = 50

export const proof: Proof = {
  statement:
    '50 x kill -9 of relay and applier under load: 0 lost, 0 doubled; binlogs stop growing when load stops (no loop)',
  limitMs: 12 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    const load = whole.load(50, 180)
    let killed = 0
    while (killed < kills) {
      // The active ones of both zones, the standbys with every other round; what was killed is started again.
      const victims = await whole.kill(killed % 2 === 0 ? /\/drc$/ : /\/drc-2$/)
      killed += victims.length
      await sleep(400, undefined, { signal })
      await whole.run('start')
    }
    const report = reportOf(await load)
    mustBe(report.failed + report.unknown === 0, `${report.failed} orders failed, ${report.unknown} unknown`)
    const { equal } = await whole.run<{ equal: boolean }>('drc', 'verify')
    mustBe(equal, 'the zones differ')
    const written = await countOrders(whole)
    mustBe(
      written.bj === report.ok && written.sh === report.ok,
      `${report.ok} acknowledged, there are ${JSON.stringify(written)}`,
    )
    const growth = await growthWhenIdle(whole, signal)
    mustBe(growth <= 2, `the binlogs grew by ${growth} business transactions without load`)
    return { killed, acknowledged: report.ok, inBothZones: written, grownWithoutLoad: growth }
  },
}

async function countOrders(whole: Whole) {
  const count = async (zone: string) =>
    Number((await whole.rows(zone, 'SELECT COUNT(*) AS n FROM delivery.orders'))[0]?.n)
  return { bj: await count('bj'), sh: await count('sh') }
}

/** Transactions that travelled between zones: each applied one carries the tag of where it came from. */
async function growthWhenIdle(whole: Whole, signal: AbortSignal): Promise<number> {
  const rows = async () => {
    const all = await Promise.all(
      ['bj', 'sh'].map((zone) => whole.rows(zone, 'SELECT MAX(drc_ver) AS v, COUNT(*) AS n FROM delivery.orders')),
    )
    const files = await Promise.all(['bj', 'sh'].map((zone) => whole.rows(zone, 'SHOW BINARY LOG STATUS')))
    return { all: JSON.stringify(all), bytes: files.map(([f]) => Number(f?.Position)) }
  }
  await sleep(2_000, undefined, { signal })
  const before = await rows()
  await sleep(10_000, undefined, { signal })
  const after = await rows()
  mustBe(before.all === after.all, 'rows changed without load')
  const bytes = Math.max(...after.bytes.map((b, i) => b - (before.bytes[i] ?? 0)))
  return Math.round(bytes / 1_000)
}
