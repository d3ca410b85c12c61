import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { readHistory } from '../ledger/history-reader.ts'
import type { MeasuredPath } from '../links/measure.ts'
import { buildReport } from '../report/build-report.ts'
import { writeReport } from '../report/write-report.ts'
import { ezoneVersion } from '../surroundings/version.ts'
import type { Told } from './parts.ts'
import { runFiles } from './run-folder.ts'
import type { Scenario } from './schema.ts'

export interface DrillReportOptions extends Told {
  readonly folder: string
  readonly scenario: Scenario
  readonly rerun: string
  readonly paths: readonly MeasuredPath[]
}

/** Writes the report of a run beside its history; returns the path of the page. */
export async function writeDrillReport(options: DrillReportOptions): Promise<string> {
  const { folder, scenario, story, verdict, rerun, paths } = options
  const history = await readHistory(join(folder, runFiles.history))
  const { judgement } = story
  const judged = {
    ...verdict,
    grade: judgement?.grade ?? null,
    axes: judgement?.axes ?? [],
    claims: judgement?.claims ?? [],
    measures: judgement?.measures ?? noMeasures,
  }
  const report = buildReport(history, judged, {
    version: await ezoneVersion(),
    machine: { cores: cpus().length, memoryBytes: totalmem(), node: process.version },
    title: scenario.title,
    hypothesis: scenario.hypothesis,
    allowed: { grade: scenario.allow.grade, rtoMs: null, rpoOrders: null },
    links: paths.map(({ from, to, link, protocol, askedRttMs, p50Ms, samples }) => ({
      ...{ from, to, protocol, askedRttMs, p50Ms, samples },
      link: link ?? '',
    })),
    rerun,
  })
  return (await writeReport(folder, report)).page
}

const noTime = { t0: null, t1: null, t2: null, t3: null, t4: null, t5: null, t6: null, t7: null, t8: null }
const noMeasures = { times: noTime, rtoMs: null, writeGapMs: null, rpoOrders: [] }
