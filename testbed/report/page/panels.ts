import type { ChartLag } from '../chart-data.ts'
import { eventLanes, lanesPanel, ownerLanes } from './lanes.ts'
import { chart, colour, say, zoneColour } from './look.ts'
import { marks } from './marks.ts'
import { type Line, linesOptions, ms, type Panel } from './plot.ts'

/** From the first moment to the last, whether something was seen then or not: all charts have one axis. */
const data = (x: readonly number[], lines: readonly (readonly (number | null)[])[]): uPlot.AlignedData => [
  [0, ...x, Math.max(chart.durationS, x.at(-1) ?? 0)],
  ...lines.map((line) => [undefined, ...line, undefined]),
]

const zoneLines = (text: Line['text'], style: { dashed?: boolean; width?: number; suffix?: string } = {}): Line[] =>
  chart.zones.map((zone, index) => ({
    ...{ label: `${zone}${style.suffix ?? ''}`, colour: zoneColour(index), text },
    ...{ dashed: style.dashed ?? false, width: style.width ?? 1.75 },
  }))

const load: Panel = {
  id: 'load',
  build: (width) => ({
    options: linesOptions({
      ...{ width, plugins: [marks], lines: zoneLines((value) => `${Math.round(value)}/s`) },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] },
    }),
    data: data(chart.x, chart.load),
  }),
}

const success: Panel = {
  id: 'success',
  build: (width) => ({
    options: linesOptions({
      ...{ width, plugins: [marks], splits: [0, 25, 50, 75, 100] },
      lines: zoneLines((value) => `${Number(value.toFixed(1))} %`),
      y: { range: [0, 104] },
    }),
    data: data(chart.x, chart.success),
  }),
}

/** By decades: an outage is a hundred times an ordinary answer. */
const decades: uPlot.Scale = {
  distr: 3,
  range: (_plot, min, max) => [
    10 ** Math.floor(Math.log10(Math.max(1, min ?? 1))),
    10 ** Math.ceil(Math.log10(Math.max(10, max ?? 10))),
  ],
}

const latency: Panel = {
  id: 'latency',
  build: (width) => ({
    options: linesOptions({
      ...{ width, plugins: [marks], y: decades },
      lines: [
        ...zoneLines(ms, { suffix: ` ${say(chart.words.p99)}` }),
        ...zoneLines(ms, { suffix: ` ${say(chart.words.p50)}`, dashed: true, width: 1 }),
      ],
    }),
    // A logarithm of nothing is nowhere.
    data: data(
      chart.x,
      [...chart.p99, ...chart.p50].map((line) => line.map((value) => (value === null ? null : Math.max(1, value)))),
    ),
  }),
}

const perSecond = (value: number) => `${Math.round(value)}/s`

const stressPanels: readonly Panel[] =
  chart.stress === null
    ? []
    : [
        {
          id: 'stress',
          build: (width) => ({
            options: linesOptions({
              ...{ width, plugins: [marks] },
              lines: [
                ...zoneLines(perSecond),
                { label: say(chart.words.wrong), colour: colour('bad'), dashed: true, width: 1.75, text: perSecond },
              ],
              y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] },
            }),
            data: data(chart.x, [...(chart.stress?.ok ?? []), chart.stress?.wrong ?? []]),
          }),
        },
        {
          id: 'stress-latency',
          build: (width) => ({
            options: linesOptions({ ...{ width, plugins: [marks], y: decades }, lines: zoneLines(ms) }),
            data: data(
              chart.x,
              (chart.stress?.p99 ?? []).map((line) => line.map((value) => positive(value))),
            ),
          }),
        },
      ]

/** Markers that never arrived have no lag to draw: they stand as bars at the top. */
const notArrived: uPlot.Plugin = {
  hooks: {
    draw: (plot) => {
      plot.ctx.fillStyle = colour('bad')
      for (const { x, measured } of chart.lag)
        for (const [index, at] of x.entries()) {
          const left = plot.valToPos(at, 'x', true)
          const seen = left >= plot.bbox.left && left <= plot.bbox.left + plot.bbox.width
          if (measured[index] !== null || !seen) continue
          // From when the one before it was known: for so long this one was on its way.
          const since = Math.max(plot.bbox.left, plot.valToPos(x[index - 1] ?? at, 'x', true))
          plot.ctx.fillRect(since, plot.bbox.top, Math.max(2 * devicePixelRatio, left - since), 5 * devicePixelRatio)
        }
    },
  },
}

const lag: Panel = {
  id: 'lag',
  build: (width) => ({
    options: linesOptions({
      ...{ width, plugins: [marks, notArrived], y: decades },
      lines: chart.lag.flatMap(({ name, zone }) => [
        {
          label: `${name} ${say(chart.words.measured)}`,
          colour: zoneColour(zone),
          dashed: false,
          width: 1.75,
          text: ms,
        },
        { label: `${name} ${say(chart.words.claimed)}`, colour: zoneColour(zone), dashed: true, width: 1, text: ms },
      ]),
    }),
    data: lagData(),
  }),
}

const positive = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Math.max(1, value)

/** Each direction was measured at times of its own: brought onto one axis, what is missing there is bridged, not a gap. */
function lagData(): uPlot.AlignedData {
  const tables = chart.lag.map(lagTable)
  return uPlot.join(
    tables,
    tables.map(() => [1, 1, 1]),
  )
}

/** Where nothing arrived the line ends at what arrived last: it shall not lead to what came much later. */
function lagTable({ x, claimed, measured }: ChartLag): uPlot.AlignedData {
  const times: number[] = []
  const [arrived, said]: [(number | null | undefined)[], (number | null | undefined)[]] = [[], []]
  for (const [index, at] of x.entries()) {
    const before = x[index - 1]
    if (measured[index] === null && before !== undefined) {
      times.push(before + (at - before) / 1_000)
      arrived.push(null)
      said.push(undefined)
    }
    times.push(at)
    arrived.push(positive(measured[index]))
    said.push(positive(claimed[index]))
  }
  const end = Math.max(chart.durationS, times.at(-1) ?? 0)
  return [
    [0, ...times, end],
    [undefined, ...arrived, undefined],
    [undefined, ...said, undefined],
  ]
}

export const panels: readonly Panel[] = [
  lanesPanel('events', eventLanes),
  load,
  success,
  latency,
  ...stressPanels,
  ...(chart.lag.length === 0 ? [] : [lag]),
  lanesPanel('owners', ownerLanes),
]
