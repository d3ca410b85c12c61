import { describe, expect, it } from 'vitest'
import type { EntryOf } from '../ledger/history.ts'
import { sampleHistory, sampleJudged, sampleMeta } from '../testing/sample-run.ts'
import { buildReport } from './build-report.ts'
import { pageOf } from './page.ts'
import { reportSchema } from './schema.ts'

const second = (atMs: number, more: Partial<EntryOf<'load'>> = {}): EntryOf<'load'> => ({
  ...{ type: 'load', atMs, zone: 'bj', ok: 50, failed: 0, unknown: 0, p50Ms: 5, p99Ms: 20, ...more },
})
const loaded: EntryOf<'loaded'> = {
  ...{ type: 'loaded', engine: 'k6', profile: 'steady', askedQps: 100, verdict: 'valid' },
  ...{ requests: 160, ok: 150, failed: 8, unknown: 2, dropped: 0, late: 0 },
}
const quiet = sampleHistory({ what: 'quiet', seconds: 20 })
const reportOf = (load: readonly EntryOf<'load'>[]) =>
  buildReport({ ...quiet, load, loaded: [loaded] }, sampleJudged(), sampleMeta())

describe('the load beside a drill', () => {
  const report = reportOf([
    second(2_100),
    second(3_100, { zone: 'sh', p99Ms: 700 }),
    second(3_100, { ok: 0, p50Ms: null, p99Ms: null }),
    second(4_100, { zone: null, ok: 0, failed: 8, unknown: 2, p50Ms: null, p99Ms: null }),
  ])

  it('stands on the axis of the clients, zone by zone', () => {
    const [bj, sh] = report.stress?.zones ?? []
    expect(bj?.ok).toHaveLength(report.series.bins)
    expect([bj?.ok.slice(1, 5), sh?.ok.slice(1, 5)]).toEqual([
      [0, 50, 0, 0],
      [0, 0, 50, 0],
    ])
    expect(sh?.p99Ms.slice(1, 5)).toEqual([null, null, 700, null])
    expect([report.stress?.failed[4], report.stress?.unknown[4]]).toEqual([8, 2])
    expect(report.stress?.figures).toMatchObject({ engine: 'k6', askedQps: 100 })
  })

  it('has charts of its own on the page, which others have not', async () => {
    expect(await pageOf(report)).toContain('id="stress"')
    expect(await pageOf(reportOf([]))).not.toContain('id="stress"')
  })

  it('is not missed in a report that was written before there was such a load', () => {
    const { stress: _, ...older } = report
    expect(reportSchema.parse(older).stress).toBeNull()
  })
})
