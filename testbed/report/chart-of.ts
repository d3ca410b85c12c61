import type { ChartBar, ChartData, ChartLine, ChartRow, ChartWord } from './chart-data.ts'
import { faultDeed } from './fault-words.ts'
import { gathered } from './gathered.ts'
import { type Phrase, phrase, same } from './phrase.ts'
import type { Report, ShardOwnership } from './schema.ts'
import { alertWords } from './words.ts'

/** Enough for a drill; a run in which everything breaks shall still be a page that opens. */
const rowsMax = 40
const barsMax = 60
const spansMax = 400

const words: Readonly<Record<ChartWord, Phrase>> = {
  time: phrase('time', '时间'),
  faults: phrase('faults', '故障'),
  switch: phrase('switch', '切换'),
  alerts: phrase('alerts', '告警'),
  claimed: phrase('says', '自报'),
  measured: phrase('measured', '实测'),
  p50: phrase('half (p50)', '半数 p50'),
  p99: phrase('slowest (p99)', '最慢 p99'),
  notArrived: phrase('nothing arrived', '未到达'),
  none: phrase('nothing', '无'),
  wrong: phrase('failed or unknown', '失败或未知'),
}

/** What the charts of a page draw, and nothing else of the report. */
export function chartOf(report: Report): ChartData {
  const { series, durationMs } = report
  const lines = series.zones
  const line = (values: readonly (number | null)[]): ChartLine => values.map((value) => rounded(value))
  const perSecond = 1_000 / series.stepMs
  const zones = lines.map(({ zone }) => zone)
  return {
    durationS: durationMs / 1_000,
    zones,
    x: Array.from({ length: series.bins }, (_, bin) => ((bin + 0.5) * series.stepMs) / 1_000),
    load: lines.map(({ sent }) => line(sent.map((value) => (value ?? 0) * perSecond))),
    success: lines.map(({ sent, served }) =>
      line(sent.map((count, bin) => (count ? (100 * (served[bin] ?? 0)) / count : null))),
    ),
    p50: lines.map(({ p50Ms }) => line(p50Ms)),
    p99: lines.map(({ p99Ms }) => line(p99Ms)),
    stress: stressLines(report, zones, line),
    lag: report.lag.map(({ source, target, atMs, claimedMs, measuredMs }) => ({
      name: `${source} → ${target}`,
      zone: Math.max(0, zones.indexOf(source)),
      x: atMs.map((at) => at / 1_000),
      claimed: line(claimedMs),
      measured: line(measuredMs),
    })),
    ...marksOf(report),
    owners: rowsOf(report.ownership, zones),
    words,
  }
}

function stressLines(
  { stress, series }: Report,
  zones: readonly string[],
  line: (values: readonly (number | null)[]) => ChartLine,
): ChartData['stress'] {
  if (stress === null) return null
  const perSecond = 1_000 / series.stepMs
  const own = zones.map((zone) => stress.zones.find((one) => one.zone === zone))
  return {
    ok: own.map((zone) => line((zone?.ok ?? []).map((value) => (value ?? 0) * perSecond))),
    wrong: line(stress.failed.map((failed, bin) => ((failed ?? 0) + (stress.unknown[bin] ?? 0)) * perSecond)),
    p99: own.map((zone) => line(zone?.p99Ms ?? [])),
  }
}

function marksOf(report: Report): Pick<ChartData, 'faults' | 'steps' | 'alerts'> {
  const { durationMs } = report
  return {
    faults: report.faults.slice(0, barsMax).map((fault): ChartBar => {
      const from = fault.inForceMs ?? fault.askedMs ?? 0
      return {
        ...{ label: faultDeed(fault), fromS: from / 1_000, toS: (fault.endedMs ?? durationMs) / 1_000 },
        proven: fault.effectProven === true,
      }
    }),
    steps: report.switches
      .flatMap(({ steps }) => steps)
      .toSorted((a, b) => a.atMs - b.atMs)
      .slice(0, barsMax)
      .map(({ atMs, name }) => ({ atS: atMs / 1_000, label: same(name) })),
    alerts: gathered(report.alerts)
      .slice(0, barsMax)
      .map(({ rule, who, firedMs, resolvedMs }) => {
        const what = alertWords[rule]
        const label = phrase(`${who.en}: ${what.en}`, `${who.zh}：${what.zh}`)
        return { label, fromS: firedMs / 1_000, toS: (resolvedMs ?? durationMs) / 1_000, proven: true }
      }),
  }
}

/** Shards that changed, each on a row; the others together, by the zone they stayed in. */
function rowsOf(ownership: readonly ShardOwnership[], zones: readonly string[]): readonly ChartRow[] {
  const changed = ownership.filter(({ spans }) => spans.length > 1)
  const still = Map.groupBy(
    ownership.filter(({ spans }) => spans.length <= 1),
    ({ spans }) => spans[0]?.zone ?? '',
  )
  const spansOf = ({ spans }: Pick<ShardOwnership, 'spans'>) =>
    spans.slice(0, spansMax).map(({ fromMs, toMs, zone, state, epoch }) => ({
      ...{ fromS: fromMs / 1_000, toS: toMs / 1_000, zone: zones.indexOf(zone), state, epoch },
    }))
  return [
    ...changed.slice(0, rowsMax).map((row) => ({ label: same(`${row.shard} ${row.name}`), spans: spansOf(row) })),
    ...[...still].map(([zone, rows]) => ({
      label:
        changed.length === 0
          ? phrase(`all ${rows.length} of ${zone}`, `${zone} 的全部 ${rows.length} 个`)
          : phrase(`${rows.length} others`, `其余 ${rows.length} 个`),
      spans: spansOf({ spans: (rows[0]?.spans ?? []).map((span) => ({ ...span, epoch: null })) }),
    })),
  ]
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 100) / 100)
