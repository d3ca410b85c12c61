import { createHash } from 'node:crypto'
import { chartOf } from './chart-of.ts'
import { type Html, html } from './html.ts'
import { type PageAssets, pageAssets } from './page-script.ts'
import { phrase } from './phrase.ts'
import type { Report } from './schema.ts'
import { charts } from './sections/charts.ts'
import { claimsTable } from './sections/claims.ts'
import { closing } from './sections/closing.ts'
import { eventList } from './sections/events.ts'
import { alertsTable, honesty, linkProof, stores } from './sections/evidence.ts'
import { opening } from './sections/opening.ts'
import { switchTimes } from './sections/switch.ts'
import { pageStyle } from './style.ts'
import { escapeMarkup, visible } from './text.ts'

/**
 * The report as one file that opens anywhere: texts in both languages, charts drawn by the script in it. Its policy allows
 * that very script and style, by their hashes, and nothing from anywhere: what a history brings along cannot run.
 */
export async function pageOf(report: Report): Promise<string> {
  const assets = await pageAssets()
  const style = `${assets.style}\n${pageStyle}`
  const data = JSON.stringify(chartOf(report), seen).replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(assets, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(`${report.verdict} – ${report.drill} – ${report.run}`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
${bodyOf(report).markup}
<script type="application/json" id="chart">${data}</script>
<!-- The charts are drawn by uPlot.
${assets.licence.replaceAll('--', '- -')}
-->
<script>${assets.script}</script>
</body>
</html>
`
}

/** Texts of a canvas are seen by people too. */
const seen = (_key: string, value: unknown) => (typeof value === 'string' ? visible(value) : value)

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policyOf = ({ script }: PageAssets, style: string) =>
  [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

function bodyOf(report: Report): Html {
  return html`
<header>
<span class="run">ezone · ${report.drill} · ${report.startedAt.slice(0, 19).replace('T', ' ')} UTC</span>
<span><button type="button" data-language="en">English</button> <button type="button" data-language="zh">中文</button></span>
<span><button type="button" data-theme="light">${phrase('light', '浅色')}</button> <button type="button" data-theme="dark">${phrase('dark', '深色')}</button></span>
</header>
<main>
${opening(report)}
${charts(report)}
${eventList(report)}
${claimsTable(report)}
${switchTimes(report)}
${alertsTable(report)}
${stores(report)}
${honesty(report)}
${linkProof(report)}
${closing(report)}
</main>`
}
