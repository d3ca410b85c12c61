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
  return [
    ...bars(say(chart.words.faults), chart.faults, 'fault', 'faultInk'),
    ...(chart.steps.length === 0 ? [] : [{ label: say(chart.words.switch), draw: drawSteps }]),
    ...bars(say(chart.words.alerts), chart.alerts, 'alert', 'alertInk'),
  ]
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
  else boxed(ctx, text, new DOMRect(left - needs, box.y, needs, box.height))
}

/** Steps by number; what each is stands in the list below the chart. */
function drawSteps(plot: uPlot, top: number, height: number): void {
  const { ctx, bbox } = plot
  let free = Number.NEGATIVE_INFINITY
  ctx.font = scaled(font)
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  const radius = 8 * devicePixelRatio
  for (const [index, { atS }] of chart.steps.entries()) {
    const x = plot.valToPos(atS, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.fillStyle = colour('step')
    if (x - radius < free) {
      ctx.fillRect(
        x - devicePixelRatio,
        top + 3 * devicePixelRatio,
        2 * devicePixelRatio,
        height - 6 * devicePixelRatio,
      )
      continue
    }
    ctx.beginPath()
    ctx.arc(x, top + height / 2, radius, 0, 2 * Math.PI)
    ctx.fill()
    ctx.fillStyle = colour('stepInk')
    ctx.fillText(String(index + 1), x, top + height / 2 + devicePixelRatio)
    free = x + radius
  }
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
          scales: { x: { time: false }, y: { range: [count, 0] } },
          series: [{}, { show: false }],
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
          [null, null],
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
