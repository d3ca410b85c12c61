import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { buildReport } from '../../testbed/report/build-report.ts'
import { writeReport } from '../../testbed/report/write-report.ts'
import { sampleHistory, sampleJudged, sampleMeta } from '../../testbed/testing/sample-run.ts'
import { mustBe, type Proof } from '../proof.ts'
import { looks, openBrowser, wrongWith } from '../prove/browser.ts'

const hostile = `</script><script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror="alert(2)"><a href="javascript:alert(3)">`

/** A defect put into a page, and how it must be seen. */
const planted: readonly (readonly [name: string, change: (page: string) => string, found: RegExp])[] = [
  [
    'a script of another hash',
    (page) => page.replace('</body>', '<script>1</script></body>'),
    /console: .*Content Security/,
  ],
  [
    'a picture from elsewhere',
    (page) => page.replace('</main>', '<img src="http://127.0.0.1:9/x"></main>'),
    /console|request/,
  ],
  [
    'no policy, and a request',
    (page) =>
      page
        .replace(/<meta http-equiv[^>]*>/, '')
        .replace('</body>', '<script>fetch("http://127.0.0.1:9/")</script></body>'),
    /^request: http:\/\/127\.0\.0\.1:9\/$/,
  ],
  ['a chart without a place', (page) => page.replace('id="latency"', 'id="gone"'), /nothing drawn in gone/],
  ['data that cannot be drawn', (page) => page.replace('"zones":', '"zone":'), /^error: /],
  [
    'something wider than a phone',
    (page) => page.replace('</main>', '<canvas width="900"></canvas></main>'),
    /px wide/,
  ],
]

export const proof: Proof = {
  statement:
    'Reports opened in a real browser (playwright-core + Chromium of the distribution): all panels drawn, no console errors, no request leaves the page',
  limitMs: 10 * 60_000,
  async see(context) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'report-page-'))
    await using browser = await openBrowser(context)
    const pages = await samplePages(folder.path)
    let seen = 0
    for (const [name, page] of pages)
      for (const look of looks) {
        context.signal.throwIfAborted()
        const wrong = await wrongWith(browser, page, look)
        mustBe(wrong.length === 0, `${name}, ${JSON.stringify(look)}: ${wrong.join('; ')}`)
        seen++
      }
    const caught = await plantedCaught(browser, folder.path, pages[0]?.[1] ?? '')
    return { browser: browser.version(), pages: pages.map(([name]) => name), looks: seen, plantedDefectsCaught: caught }
  },
}

async function samplePages(folder: string): Promise<readonly (readonly [name: string, page: string])[]> {
  const kinds = ['good', 'broken', 'open', 'quiet', 'hostile'] as const
  return Promise.all(
    kinds.map(async (kind) => {
      const text = kind === 'hostile' ? hostile : ''
      const history = sampleHistory({ what: kind === 'quiet' ? 'quiet' : 'lost', hostile: text })
      const judged = sampleJudged(kind === 'hostile' ? 'broken' : kind, text)
      const { page } = await writeReport(join(folder, kind), buildReport(history, judged, sampleMeta(text)))
      return [kind, page] as const
    }),
  )
}

/** Looking must be able to fail: each defect is put into a good page and has to be found. */
async function plantedCaught(browser: Browser, folder: string, good: string): Promise<number> {
  const text = await readFile(good, 'utf8')
  const [look] = looks.filter(({ width }) => width === 390)
  mustBe(look !== undefined, 'nobody looks at a phone')
  for (const [name, change, found] of planted) {
    const changed = change(text)
    mustBe(changed !== text, `${name} could not be planted`)
    const path = join(folder, 'planted.html')
    await writeFile(path, changed)
    const wrong = await wrongWith(browser, path, look)
    mustBe(
      wrong.some((one) => found.test(one)),
      `${name} was not seen: ${wrong.join('; ') || 'nothing was wrong'}`,
    )
  }
  return planted.length
}
