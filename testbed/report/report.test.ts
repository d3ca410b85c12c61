import { createHash } from 'node:crypto'
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type SampleOptions, sampleHistory, sampleJudged, sampleMeta } from '../testing/sample-run.ts'
import { elementsOf } from '../testing/well-formed.ts'
import { buildReport } from './build-report.ts'
import { junitOf } from './junit.ts'
import { markdownOf } from './markdown.ts'
import { pageOf } from './page.ts'
import { readReport } from './runs.ts'
import { type Report, reportSchema } from './schema.ts'
import { writeReport } from './write-report.ts'

type Kind = Parameters<typeof sampleJudged>[0]

const histories = new Map<string, ReturnType<typeof sampleHistory>>()

function reportOf(kind: Kind, options: SampleOptions = {}): Report {
  const key = JSON.stringify(options)
  const history = histories.get(key) ?? sampleHistory(options)
  histories.set(key, history)
  return buildReport(history, sampleJudged(kind, options.hostile), sampleMeta(options.hostile))
}

/** What a name, an id or a counterexample may hold when somebody means ill, or nobody thought of it. */
const hostile = [
  `</script><script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `'--><!--`,
  `]]>`,
  `| a | b |\n\n# title\n`,
  '`x` **b** [l](javascript:1)',
  '\u202e\u0000\u0007\u2028 \ud800 &lt; %00',
].join(' ')

describe('report.json', () => {
  it('is read again as it was written, with all its files beside it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'report-'))
    const report = reportOf('broken')
    const paths = await writeReport(join(folder.path, 'run'), report)
    expect(await readReport(folder.path, 'run')).toEqual(JSON.parse(JSON.stringify(report)))
    expect((await readdir(join(folder.path, 'run'))).sort()).toEqual([
      'junit.xml',
      'report.html',
      'report.json',
      'report.md',
    ])
    expect(await readFile(paths.page, 'utf8')).toBe(await pageOf(report))
  })

  it('says what was seen: load per zone, outcomes, spans of faults and of owners', () => {
    const report = reportOf('good')
    const sent = report.series.zones.map((zone) => zone.sent.reduce<number>((sum, value) => sum + (value ?? 0), 0))
    expect(sent.reduce((a, b) => a + b, 0)).toBe(report.operations.sent)
    expect(report.faults).toEqual([
      {
        ...{ id: 'f1', kind: 'isolate', target: 'sh', askedMs: 29_960, inForceMs: 30_000, endedMs: 60_000 },
        ...{ effectProven: true, removalProven: true },
      },
    ])
    for (const { spans } of report.ownership) {
      expect(spans[0]?.fromMs).toBe(0)
      expect(spans.at(-1)?.toMs).toBe(report.durationMs)
      for (const [index, span] of spans.entries()) if (index > 0) expect(span.fromMs).toBe(spans[index - 1]?.toMs)
    }
    expect(report.ownership[16]?.spans.map(({ zone, epoch, state }) => `${zone} ${epoch} ${state}`)).toEqual([
      ...['sh 11 ACTIVE', 'bj 12 TAKEOVER', 'bj 12 ACTIVE', 'bj 12 FROZEN', 'sh 13 ACTIVE'],
    ])
    expect(report.lockedOrders).toEqual({ count: 1, first: ['1099511627999'] })
  })

  it('of a run without its end says that it was broken off, and lasts as long as anything was seen', () => {
    const history = sampleHistory()
    const cut = buildReport({ ...history, end: [] }, sampleJudged('open'), sampleMeta())
    expect([cut.interrupted, buildReport(history, sampleJudged(), sampleMeta()).interrupted]).toEqual([true, false])
    expect(cut.durationMs).toBeGreaterThanOrEqual(Math.max(...history.op.map(({ answeredMs }) => answeredMs)))
  })

  it('of a run in which nobody did anything is a report too', async () => {
    const history = sampleHistory({ what: 'quiet' })
    const nothing = { ...history, op: [], lag: [], generator: [], compared: [], replicated: [] }
    const report = buildReport(nothing, { ...sampleJudged('open'), claims: [] }, { ...sampleMeta(), links: [] })
    expect(reportSchema.parse(report)).toEqual(report)
    expect(await pageOf(report)).toContain('UNKNOWN')
    expect(junitOf(report)).toContain('errors="1"')
  })
})

describe('the page', () => {
  it.each(['good', 'broken', 'open', 'quiet'] as const)('of a %s run says its verdict first', async (kind) => {
    const report = reportOf(kind, { what: kind === 'quiet' ? 'quiet' : 'lost' })
    const page = await pageOf(report)
    const [en, zh] = {
      good: ['PASS', '通过'],
      quiet: ['PASS', '通过'],
      broken: ['FAIL', '未通过'],
      open: ['UNKNOWN', '无法判定'],
    }[kind]
    expect(page).toContain(`<div class="word"><span lang="en">${en}</span><span lang="zh">${zh}</span></div>`)
  })

  it('allows its own script and style by their hashes, and nothing else from anywhere', async () => {
    const page = await pageOf(reportOf('good'))
    const hash = (tag: string) => {
      const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? ''
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    }
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
    expect(policy?.split('; ')).toEqual([
      ...["default-src 'none'", `script-src ${hash('script')}`, `style-src ${hash('style')}`, 'img-src data:'],
      ...["base-uri 'none'", "form-action 'none'"],
    ])
    expect(page.match(/(?:src|href)="(?!data:,)/g)).toBeNull()
    expect(page).not.toMatch(/\sstyle="/)
  })

  it('has a script that can be parsed: its files were made one without a clash of names', async () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(await pageOf(reportOf('good')))?.[1] ?? ''
    expect(() => new Script(script)).not.toThrow()
    expect(script).not.toMatch(/^\s*(import|export)\s/m)
  })

  it('brings the licence of the chart library along', async () => {
    expect(await pageOf(reportOf('quiet', { what: 'quiet' }))).toContain('Copyright (c) 2022 Leon Sorokin')
  })

  it('stays below a megabyte with 100,000 operations', async () => {
    const report = reportOf('broken', { operationsPerSecond: 400, seconds: 250 })
    expect(report.operations.sent).toBe(100_000)
    expect(Buffer.byteLength(await pageOf(report))).toBeLessThan(1_000_000)
  })

  it('stays below a megabyte where everything breaks at once', async () => {
    const report = reportOf('broken')
    const many = <T>(item: T) => Array.from({ length: 20_000 }, () => item)
    const [claim] = report.claims
    if (claim === undefined) throw new Error('the sample has no claim')
    const page = await pageOf({
      ...report,
      faults: report.faults.flatMap(many),
      alerts: report.alerts.slice(0, 1).flatMap(many),
      switches: report.switches.map((one) => ({ ...one, steps: one.steps.slice(0, 1).flatMap(many) })),
      rpo: { claimed: many('1099511627888'), missed: many('1099511627888'), forGood: many('1099511627888') },
      claims: [{ ...claim, counterexample: 'x'.repeat(5_000_000) }],
    })
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000)
  })
})

describe('hostile text', () => {
  const report = reportOf('broken', { hostile })

  it('is text on the page, and no markup', async () => {
    const page = await pageOf(report)
    const tame = await pageOf(reportOf('broken'))
    const tags = (text: string) => [...text.matchAll(/<\/?([a-z]+[0-9]?|!--)(?=[\s>/])/gi)].map(([, name]) => name)
    const counts = (text: string) =>
      Object.fromEntries([...Map.groupBy(tags(text), String)].map(([n, all]) => [n, all.length]))
    expect(counts(page)).toEqual(counts(tame))
    expect(page.includes('onerror=alert(1)>')).toBe(false)
    for (const unseen of ['\u202e', '\u0000', '\u0007']) expect(page.includes(unseen)).toBe(false)
  })

  it('comes through the data of the charts unchanged', async () => {
    const data = /id="chart">([\s\S]*?)<\/script>/.exec(await pageOf(report))?.[1] ?? ''
    expect(JSON.stringify(JSON.parse(data))).toContain('onerror=alert(1)')
  })

  it('is text in JUnit XML, which stays well formed', () => {
    const elements = elementsOf(junitOf(report))
    expect(elements.filter((name) => name === 'testcase').length).toBe(report.claims.length + 1)
    expect(new Set(elements)).toEqual(
      new Set(['testsuites', 'testsuite', 'properties', 'property', 'testcase', 'failure']),
    )
  })

  it('neither ends a table of the Markdown nor begins anything in it', () => {
    const [tame, wild] = [markdownOf(reportOf('broken')), markdownOf(report)]
    const shape = (text: string) => text.split('\n').map((line) => line.match(/^(\||#+ |- |$)/)?.[0] ?? 'text')
    const columns = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.match(/(?<!\\)\|/g)?.length ?? 0)
    expect(shape(wild)).toEqual(shape(tame))
    expect(columns(wild)).toEqual(columns(tame))
    // Between backticks it is text already.
    expect(wild.replaceAll(/`[^`]*`/g, '')).not.toMatch(/<(script|img)/)
  })
})

describe('JUnit XML', () => {
  it.each([
    ['good', 0, 0],
    ['broken', 2, 0],
    ['open', 0, 2],
  ] as const)('of a %s run counts %i failures and %i errors: unknown is never a pass', (kind, failures, errors) => {
    const xml = junitOf(reportOf(kind))
    expect(xml).toContain(` tests="7" failures="${failures}" errors="${errors}" skipped="0"`)
    expect(elementsOf(xml).filter((name) => name === 'failure' || name === 'error').length).toBe(failures + errors)
  })
})

describe('Markdown', () => {
  it('says it in Chinese where asked to', () => {
    const report = reportOf('broken')
    expect(markdownOf(report, 'zh')).toContain('### 代价是什么')
    expect(markdownOf(report, 'zh')).toContain('永久丢失')
    expect(markdownOf(report, 'en')).toContain('lost for good')
  })
})
