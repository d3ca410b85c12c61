import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { mustBe } from './proof.ts'
import { openBrowser } from './prove/browser.ts'

// npm run picture -- PAGE.html: makes docs/pictures/report.png of the report of a drill, as a reader sees it first.

const root = join(import.meta.dirname, '..')
const picture = join(root, 'docs', 'pictures', 'report.png')
const width = 1_000
/** The verdict, and so many charts: what happened, the load, and how much of it was answered well. */
const charts = 3
/** A picture that takes long to load is not looked at. */
const bytesMax = 200_000

async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { cwd: root })).stdout
}

/** From the top down to the end of the charts that are shown. */
async function shownHeight(page: Page): Promise<number> {
  const ends = await page.evaluate<number[]>(
    `[...document.querySelectorAll('.chart')].map((chart) => chart.getBoundingClientRect().bottom + window.scrollY)`,
  )
  const end = ends[charts - 1]
  mustBe(end !== undefined, `the page has ${ends.length} charts`)
  return Math.ceil(end) + 12
}

const [report] = process.argv.slice(2)
mustBe(report !== undefined, 'which report? npm run picture -- runs/default/RUN/report.html')
await using browser = await openBrowser({ run })
const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme: 'light', locale: 'en-GB' })
const page = await context.newPage()
await page.goto(pathToFileURL(report).href)
await page.waitForFunction('document.documentElement.dataset.drawn !== undefined')
const clip = { x: 0, y: 0, width, height: await shownHeight(page) }
await page.screenshot({ path: picture, clip, fullPage: true })
await context.close()
const { size } = await stat(picture)
mustBe(size < bytesMax, `${picture} has ${size} bytes; at most ${bytesMax} are wanted`)
console.log(`${picture}: ${clip.width}x${clip.height}, ${size} bytes`)
