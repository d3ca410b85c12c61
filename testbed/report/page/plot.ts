import { chart, colour, font, gutter, say } from './look.ts'

/** One chart of the page: where it stands, and what it is made of at a width. */
export interface Panel {
  readonly id: string
  readonly build: (width: number) => { readonly options: uPlot.Options; readonly data: uPlot.AlignedData }
}

export const cursor: uPlot.Cursor = {
  sync: { key: 'time', scales: ['x', null] },
  drag: { x: true, y: false },
  y: false,
}

export const axisX = (): uPlot.Axis => ({
  ...{ stroke: colour('faint'), font, size: 28, gap: 3 },
  grid: { stroke: colour('grid'), width: 1 },
  ticks: { stroke: colour('grid'), width: 1, size: 4 },
  values: (_plot, values) => values.map((value) => `${value} s`),
})

export const axisY = (text: (value: number) => string): uPlot.Axis => ({
  ...{ stroke: colour('faint'), font, size: gutter(), gap: 4 },
  grid: { stroke: colour('grid'), width: 1 },
  ticks: { show: false },
  values: (_plot, values) => values.map((value) => (value === null ? '' : text(value))),
})

const timeSeries = (): uPlot.Series => ({
  label: say(chart.words.time),
  value: (_plot, value) => (value === null || value === undefined ? '' : `${value.toFixed(1)} s`),
})

export interface Line {
  readonly label: string
  readonly colour: string
  readonly dashed: boolean
  readonly width: number
  readonly text: (value: number) => string
}

export const lineSeries = ({ label, colour: stroke, dashed, width, text }: Line): uPlot.Series => ({
  ...{ label, stroke, width, points: { show: false } },
  ...(dashed ? { dash: [4, 4] } : {}),
  value: (_plot, value, _series, index) =>
    index === null ? '' : value === null || value === undefined ? '–' : text(value),
})

export interface Lines {
  readonly width: number
  readonly lines: readonly Line[]
  readonly y: uPlot.Scale
  readonly plugins: uPlot.Plugin[]
  readonly splits?: number[]
}

/** What all charts of lines have in common. */
export function linesOptions({ width, lines, y, plugins, splits }: Lines): uPlot.Options {
  const text = lines[0]?.text ?? String
  return {
    ...{ width, height: 150, cursor, plugins, padding: [8, 12, 0, 0], legend: { live: true } },
    scales: { x: { time: false, range: (_plot, min, max) => [min ?? 0, max ?? chart.durationS] }, y },
    series: [timeSeries(), ...lines.map(lineSeries)],
    axes: [axisX(), { ...axisY(text), ...(splits === undefined ? {} : { splits }) }],
  }
}

export const ms = (value: number): string =>
  value >= 1_000 ? `${Number((value / 1_000).toFixed(1))} s` : `${Number(value.toFixed(value < 10 ? 1 : 0))} ms`
