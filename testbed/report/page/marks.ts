import { chart, colour } from './look.ts'

/** Faults as shade behind, and steps of the switch as lines before, whatever a chart shows. */
export const marks: uPlot.Plugin = {
  hooks: {
    drawClear: (plot) => {
      plot.ctx.fillStyle = colour('shade')
      for (const { fromS, toS } of chart.faults) {
        const left = plot.valToPos(Math.max(fromS, plot.scales.x?.min ?? 0), 'x', true)
        const right = plot.valToPos(Math.min(toS, plot.scales.x?.max ?? 0), 'x', true)
        if (right > left) plot.ctx.fillRect(left, plot.bbox.top, right - left, plot.bbox.height)
      }
    },
    draw: (plot) => {
      const { ctx, bbox } = plot
      ctx.save()
      ctx.strokeStyle = colour('step')
      ctx.lineWidth = devicePixelRatio
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
      let last = Number.NEGATIVE_INFINITY
      for (const { atS } of chart.steps) {
        const x = plot.valToPos(atS, 'x', true)
        // A switch in batches has dozens of steps: a curtain of lines would hide what it is about.
        if (x - last < 10 * devicePixelRatio) continue
        last = x
        if (x < bbox.left || x > bbox.left + bbox.width) continue
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bbox.top + bbox.height)
        ctx.stroke()
      }
      ctx.restore()
    },
  },
}

/** One text clipped to a box, in device pixels. */
export function boxed(ctx: CanvasRenderingContext2D, text: string, box: DOMRect): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.x, box.y, box.width, box.height)
  ctx.clip()
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.fillText(text, box.x + 4 * devicePixelRatio, box.y + box.height / 2 + devicePixelRatio)
  ctx.restore()
}
