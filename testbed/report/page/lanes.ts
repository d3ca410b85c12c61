import type { ChartBar } from '../chart-data.ts'
import { chart, colour, font, gutter, say, zoneColour } from './look.ts'
import { boxed } from './marks.ts'
import { axisX, cursor, type Panel } from './plot.ts'

const rowHeight = 20

/** A row of a chart that shows what was, not how much. */
interface Lane {
  readonly label: string
  readonly draw: (plot: uPlot, top: number, height: number) => void
}

/** Faults, steps and alerts, each fault and each alert on a row of its own. */
export function eventLanes(): readonly Lane[] {
  const bars = (word: string, list: readonly ChartBar[], fill: string, ink: string): Lane[] =>
    list.map((bar, index) => ({
      label: index === 0 ? word : '',
      draw: (plot, top, height) => drawBar(plot, { ...bar, top, height, fill: colour(fill), ink: colour(ink) }),
    }))
  const lanes = [
    ...bars(say(chart.words.faults), chart.faults, 'fault', 'faultInk'),
    ...(chart.steps.length === 0 ? [] : [{ label: say(chart.words.switch), draw: drawSteps }]),
    ...bars(say(chart.words.alerts), chart.alerts, 'alert', 'alertInk'),
  ]
  return lanes.length > 0 ? lanes : [{ label: say(chart.words.none), draw: () => undefined }]
}

export function ownerLanes(): readonly Lane[] {
  return chart.owners.map(({ label, spans }) => ({
    label: say(label),
    draw: (plot, top, height) => {
      for (const { fromS, toS, zone, state, epoch } of spans) {
        const text = `${chart.zones[zone] ?? ''}${epoch === null ? '' : ` e${epoch}`}`
        const moving = state !== 'ACTIVE'
        const fill = moving ? colour('moving') : zoneColour(zone)
        const words = { en: moving ? state.toLowerCase() : text, zh: moving ? state.toLowerCase() : text }
        drawBar(plot, { label: words, fromS, toS, proven: true, top, height, fill, ink: colour('ownerInk') })
      }
    },
  }))
}

interface DrawnBar extends ChartBar {
  readonly top: number
  readonly height: number
  readonly fill: string
  readonly ink: string
}

function drawBar(plot: uPlot, bar: DrawnBar): void {
  const { ctx, bbox } = plot
  const clamp = (x: number) => Math.max(bbox.left, Math.min(bbox.left + bbox.width, x))
  const left = clamp(plot.valToPos(bar.fromS, 'x', true))
  const right = clamp(plot.valToPos(bar.toS, 'x', true))
  const [width, gap] = [Math.max(2 * devicePixelRatio, right - left), 1.5 * devicePixelRatio]
  ctx.fillStyle = bar.fill
  ctx.strokeStyle = bar.fill
  ctx.lineWidth = devicePixelRatio
  const box = new DOMRect(left, bar.top + gap, width, bar.height - 2 * gap)
  if (bar.proven) ctx.fillRect(box.x, box.y, box.width, box.height)
  else ctx.strokeRect(box.x, box.y, box.width, box.height)
  ctx.font = scaled(font)
  ctx.fillStyle = bar.proven ? bar.ink : colour('ink')
  const text = say(bar.label)
  const needs = ctx.measureText(text).width + 8 * devicePixelRatio
  if (needs <= width) {
    boxed(ctx, text, box)
    return
  }
  // Beside the bar where there is room; a word cut in half says nothing.
  if (bar.fill !== colour('fault') && bar.fill !== colour('alert')) return
  ctx.fillStyle = colour('ink')
  const after = new DOMRect(right, box.y, bbox.left + bbox.width - right, box.height)
  if (needs <= after.width) boxed(ctx, text, after)
  else if (needs <= left - bbox.left) boxed(ctx, text, new DOMRect(left - needs, box.y, needs, box.height))
  else {
    // Nowhere room for all of it: as much as the bar can hold.
    ctx.fillStyle = bar.proven ? bar.ink : colour('ink')
    boxed(ctx, text, box)
  }
}

/** Steps by number; what each is stands in the list below the chart. Those too close to be told apart share a mark. */
function drawSteps(plot: uPlot, top: number, height: number): void {
  const { ctx } = plot
  ctx.font = scaled(font)
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  const radius = 8 * devicePixelRatio
  for (const { first, last, x } of clusters(plot, 3 * radius)) {
    const text = first === last ? String(first) : `${first}–${last}`
    const half = Math.max(radius, ctx.measureText(text).width / 2 + 5 * devicePixelRatio)
    ctx.fillStyle = colour('step')
    ctx.beginPath()
    ctx.roundRect(x - half, top + height / 2 - radius, 2 * half, 2 * radius, radius)
    ctx.fill()
    ctx.fillStyle = colour('stepInk')
    ctx.fillText(text, x, top + height / 2 + devicePixelRatio)
  }
}

/** Steps that stand nearer than this to the one before, together. */
function clusters(plot: uPlot, near: number) {
  const { left, width } = plot.bbox
  const found: { first: number; last: number; from: number; to: number; x: number }[] = []
  for (const [index, { atS }] of chart.steps.entries()) {
    const x = plot.valToPos(atS, 'x', true)
    if (x < left || x > left + width) continue
    const before = found.at(-1)
    if (before !== undefined && x - before.to < near)
      Object.assign(before, { last: index + 1, to: x, x: (before.from + x) / 2 })
    else found.push({ first: index + 1, last: index + 1, from: x, to: x, x })
  }
  return found
}

const scaled = (text: string) => text.replace(/\d+px/, (size) => `${Number.parseInt(size, 10) * devicePixelRatio}px`)

/** Rows in a chart of their own, on the same time axis: zoom and cursor are those of all others. */
export function lanesPanel(id: string, lanes: () => readonly Lane[]): Panel {
  return {
    id,
    build: (width) => {
      const rows = lanes()
      const count = Math.max(1, rows.length)
      const narrow = gutter() < 60
      return {
        options: {
          ...{ width, height: count * rowHeight + 34, cursor, legend: { show: false }, padding: [2, 12, 0, 0] },
          scales: { x: { time: false }, y: { range: [0, count], dir: -1 } },
          // A line that cannot be seen: without one uPlot draws no axis.
          series: [{}, { stroke: 'transparent', points: { show: false } }],
          axes: [
            axisX(),
            {
              ...{ size: gutter(), font, stroke: colour('ink'), grid: { show: false }, ticks: { show: false } },
              splits: () => rows.map((_, index) => index + 0.5),
              values: () => rows.map(({ label }) => (narrow ? (label.split(' ')[0] ?? '') : shortLabel(label))),
            },
          ],
          hooks: { draw: [(plot) => drawLanes(plot, rows)] },
        },
        data: [
          [0, chart.durationS],
          [0, count],
        ],
      }
    },
  }
}

const shortLabel = (label: string) => (label.length > 15 ? `${label.slice(0, 14)}…` : label)

function drawLanes(plot: uPlot, rows: readonly Lane[]): void {
  for (const [index, { draw }] of rows.entries()) {
    const top = plot.valToPos(index, 'y', true)
    const bottom = plot.valToPos(index + 1, 'y', true)
    plot.ctx.save()
    draw(plot, top, bottom - top)
    plot.ctx.restore()
  }
}
