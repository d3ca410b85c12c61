import { panels } from './panels.ts'

const root = document.documentElement
const plots: uPlot[] = []

/** All of it again: colours, words and widths are read when a chart is made. */
function draw(): void {
  for (const plot of plots.splice(0)) plot.destroy()
  for (const { id, build } of panels) {
    const place = document.getElementById(id)
    if (place === null) continue
    const { options, data } = build(place.clientWidth)
    plots.push(new uPlot(options, data, place))
  }
  root.dataset.drawn = String(plots.length)
}

function choose(button: HTMLElement): void {
  const { language, theme } = button.dataset
  if (language) root.lang = language
  if (theme) root.dataset.theme = theme
  mark()
  draw()
}

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Says which of the switches holds. */
function mark(): void {
  const theme = root.dataset.theme ?? (dark.matches ? 'dark' : 'light')
  for (const button of document.querySelectorAll<HTMLElement>('[data-language], [data-theme]')) {
    if (button === root) continue
    const { language } = button.dataset
    button.setAttribute('aria-pressed', String(language ? language === root.lang : button.dataset.theme === theme))
  }
}

for (const button of document.querySelectorAll<HTMLElement>('button'))
  button.addEventListener('click', () => choose(button))
dark.addEventListener('change', () => {
  mark()
  draw()
})

let width = innerWidth
addEventListener('resize', () => {
  // Phones change the height whenever a bar slides in; that is no reason to draw again.
  if (innerWidth === width) return
  width = innerWidth
  requestAnimationFrame(draw)
})

if (navigator.language.startsWith('zh')) root.lang = 'zh'
mark()
draw()
