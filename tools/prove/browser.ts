import { userInfo } from 'node:os'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { which } from '../../testbed/servers/run.ts'
import { mustBe, type ProofContext } from '../proof.ts'

/** The browser of the distribution: found, or fetched by its package client where that may be done. */
export async function openBrowser({ run }: Pick<ProofContext, 'run'>): Promise<Browser> {
  const isRoot = userInfo().uid === 0
  if ((await which('chromium')) === null) {
    mustBe(isRoot, 'there is no chromium here, and only root can install it: `apt-get install chromium`')
    await run('apt-get', 'update')
    await run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium')
  }
  const executablePath = await which('chromium')
  mustBe(executablePath !== null, 'the package chromium brought no program chromium')
  // Chromium refuses its sandbox to root; what it opens here is our own.
  return chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] })
}

/** One way to look at a page. */
export interface Look {
  readonly width: number
  readonly theme: 'dark' | 'light'
  readonly language: 'en' | 'zh'
}

export const looks: readonly Look[] = [
  { width: 1280, theme: 'light', language: 'en' },
  { width: 1280, theme: 'dark', language: 'zh' },
  { width: 390, theme: 'light', language: 'zh' },
  { width: 390, theme: 'dark', language: 'en' },
]

const drawnWithinMs = 60_000

/** Opens a report as a person would and returns all that is wrong with what is seen. Empty is good. */
export async function wrongWith(browser: Browser, path: string, look: Look): Promise<readonly string[]> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 844 },
    colorScheme: look.theme,
    locale: look.language === 'zh' ? 'zh-CN' : 'en-GB',
  })
  const wrong: string[] = []
  try {
    const page = await context.newPage()
    const url = pathToFileURL(path).href
    page.on('console', (message) => wrong.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      wrong.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) wrong.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    await page.waitForFunction('document.documentElement.dataset.drawn !== undefined', null, { timeout: drawnWithinMs })
    wrong.push(...(await page.evaluate<string[]>(seenOnPage)))
    wrong.push(...(await switches(page, look)))
  } catch (error) {
    wrong.push(`not usable: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
  } finally {
    await context.close()
  }
  return wrong
}

/** Runs in the page, so it is text here. Every chart has ink of more than one colour, nothing is wider than the screen. */
const seenOnPage = `(() => {
  const wrong = []
  const places = [...document.querySelectorAll('.chart')]
  if (places.length < 5) wrong.push('only ' + places.length + ' charts')
  for (const place of places) {
    const canvas = place.querySelector('canvas')
    const pixels = canvas ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data : []
    const colours = new Set()
    for (let at = 0; at < pixels.length; at += 4)
      if (pixels[at + 3] > 200) colours.add((pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2])
    if (colours.size < 3) wrong.push('nothing drawn in ' + place.id)
  }
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) wrong.push(scrollWidth + ' px wide on a screen of ' + clientWidth)
  return wrong
})()`

const verdicts = { en: /^(PASS|FAIL|UNKNOWN)$/, zh: /^(通过|未通过|无法判定)$/ } as const

/** The page begins as its reader's system is, and both switches do what they say. */
async function switches(page: Page, { theme, language }: Look): Promise<readonly string[]> {
  const wrong: string[] = []
  const verdict = () => page.locator('.verdict .word').innerText()
  const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  if (!verdicts[language].test(await verdict())) wrong.push(`does not begin in ${language}`)
  const other = language === 'en' ? 'zh' : 'en'
  await page.click(`[data-language=${other}]`)
  if (!verdicts[other].test(await verdict())) wrong.push(`does not change to ${other}`)
  const isDark = (colour: string) => Math.max(...(colour.match(/\d+/g) ?? []).slice(0, 3).map(Number)) < 100
  if (isDark(await paper()) !== (theme === 'dark')) wrong.push(`does not begin ${theme}`)
  await page.click(`[data-theme=${theme === 'dark' ? 'light' : 'dark'}]`)
  if (isDark(await paper()) === (theme === 'dark')) wrong.push(`does not change from ${theme}`)
  return [...wrong, ...(await page.evaluate<string[]>(seenOnPage)).map((one) => `after the switches: ${one}`)]
}
