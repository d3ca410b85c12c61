// What the charts share: the data, the language and the colours of the moment. The page has no network and no modules:
// these files are put one after the other into one script (testbed/report/page-script.ts).
import type { ChartData } from '../chart-data.ts'
import type { Phrase } from '../phrase.ts'

export const chart: ChartData = JSON.parse(document.getElementById('chart')?.textContent ?? '{}')

const page = document.documentElement

export const say = (words: Phrase): string => (page.lang === 'zh' ? words.zh : words.en)

/** A colour of the style sheet: dark and light are its business. */
export const colour = (name: string): string => getComputedStyle(page).getPropertyValue(`--${name}`).trim()

export const zoneColour = (zone: number): string => {
  if (zone < 0) return colour('nowhere')
  return colour(`zone${zone % 6}`)
}

/** Left of every chart, so that their time axes stand one below the other. */
export const gutter = (): number => (innerWidth < 620 ? 52 : 96)

export const font = '12px system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", sans-serif'
