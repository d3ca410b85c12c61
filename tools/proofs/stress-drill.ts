import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reportSchema } from '../../testbed/report/schema.ts'
import type { StressResult } from '../../testbed/stress/result.ts'
import { mustBe, type Proof } from '../proof.ts'
import { looks, openBrowser, wrongWith } from '../prove/browser.ts'
import { Whole } from '../prove/whole.ts'

export const proof: Proof = {
  statement: 'Stress during `ezone drill run evacuate` on one time axis',
  limitMs: 10 * 60_000,
  async see(context) {
    await using whole = await Whole.up()
    const { exit, data, error } = await whole.cli.run('stress', '--qps', '60', '--drill', 'evacuate', '--seed', '11')
    mustBe(exit === 0, `exit ${exit}, ${error?.code}: ${error?.message}`)
    const { drill, verdict, requests } = data as StressResult
    const page = drill?.report ?? null
    mustBe(drill?.verdict === 'valid' && page !== null, `the drill is ${drill?.verdict}`)
    const report = reportSchema.parse(JSON.parse(await readFile(join(dirname(page), 'report.json'), 'utf8')))
    const { stress, series, switches } = report
    mustBe(stress?.figures?.requests === requests, 'the report does not have the load')
    const seconds = stress.zones.map(({ zone, ok }) => ({
      zone,
      seconds: ok.filter((count) => (count ?? 0) > 0).length,
    }))
    mustBe(
      stress.zones.every(({ ok }) => ok.length === series.bins),
      'the load is on another axis than the clients',
    )
    const movedAtS = (switches[0]?.steps.at(-1)?.atMs ?? 0) / 1_000
    const after = (zone: string) =>
      stress.zones
        .find((one) => one.zone === zone)
        ?.ok.slice(Math.ceil(movedAtS) + 1)
        .reduce<number>((sum, count) => sum + (count ?? 0), 0) ?? 0
    mustBe(after('bj') > 0, 'no load was answered after the move')
    await using browser = await openBrowser(context)
    for (const look of looks) {
      const wrong = await wrongWith(browser, page, look)
      mustBe(wrong.length === 0, `the report, ${JSON.stringify(look)}: ${wrong.join('; ')}`)
    }
    return {
      verdict,
      drill: drill.grade,
      figures: stress.figures,
      seconds,
      movedAtS,
      afterMove: { bj: after('bj'), sh: after('sh') },
    }
  },
}
