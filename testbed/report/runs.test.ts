import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleHistory, sampleJudged, sampleMeta } from '../testing/sample-run.ts'
import { buildReport } from './build-report.ts'
import { diffReports } from './diff.ts'
import { listRuns } from './list-runs.ts'
import { diffText, runsText } from './report-text.ts'
import { findRun, readReport } from './runs.ts'
import { writeReport } from './write-report.ts'

const history = sampleHistory({ seconds: 20 })
const good = buildReport(history, sampleJudged('good'), sampleMeta())
const broken = buildReport(history, sampleJudged('broken'), sampleMeta())

async function withRuns() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'runs-'))
  await writeReport(join(folder.path, '20261121-100000-lost'), good)
  await writeReport(join(folder.path, '20261121-110000-lost'), broken)
  // Begun, and killed before it wrote anything; and something that is no run.
  await mkdir(join(folder.path, '20261121-120000-lost'))
  await writeFile(join(folder.path, 'notes.txt'), '')
  return folder
}

const codeOf = (promise: Promise<unknown>) => promise.then(String, ({ code }: { code: string }) => code)

describe('runs with a report', () => {
  it('are found by id, by its beginning, or as the newest', async () => {
    await using folder = await withRuns()
    const find = (asked?: string) => codeOf(findRun(folder.path, asked))
    expect(await find()).toBe('20261121-110000-lost')
    expect(await find('last')).toBe('20261121-110000-lost')
    expect(await find('20261121-10')).toBe('20261121-100000-lost')
    expect(await find('20261121-100000-lost')).toBe('20261121-100000-lost')
    for (const none of ['20261121', '20261121-12', 'x', '../..']) expect(await find(none)).toBe('EZ_NO_REPORT')
    expect(await codeOf(findRun(join(folder.path, 'nowhere'), undefined))).toBe('EZ_NO_REPORT')
  })

  it('are listed newest first, also one whose report cannot be read', async () => {
    await using folder = await withRuns()
    await mkdir(join(folder.path, '20261121-130000-lost'))
    await writeFile(join(folder.path, '20261121-130000-lost', 'report.json'), '{"format":1')
    const runs = await listRuns(folder.path)
    expect(runs.map(({ verdict }) => verdict)).toEqual([null, 'invalid', 'valid'])
    expect(runs[0]?.error).toContain('not a report')
    expect(runsText(runs)).toMatch(/unreadable[\s\S]*invalid +P0 +14\.0 s +3\n[\s\S]*valid +P3 +14\.0 s +0/)
  })

  it('of another format, or not what they say, are refused', async () => {
    await using folder = await withRuns()
    const path = join(folder.path, '20261121-100000-lost', 'report.json')
    const read = () => codeOf(readReport(folder.path, '20261121-100000-lost'))
    await writeFile(path, JSON.stringify({ ...good, format: 2 }))
    expect(await read()).toBe('EZ_OTHER_VERSION')
    for (const text of ['null', '[]', JSON.stringify({ ...good, verdict: 'green' })]) {
      await writeFile(path, text)
      expect(await read()).toMatch(/^EZ_(STATE_UNREADABLE|OTHER_VERSION)$/)
    }
  })
})

describe('two runs side by side', () => {
  it('differ in nothing from themselves', () => {
    const diff = diffReports(good, good)
    expect(diff.figures.every(({ change }) => change === 'same')).toBe(true)
    expect(diff.claims).toEqual([])
    expect(diffText(diff)).toContain('are the same')
  })

  it('say what became worse, and the other way round what became better', () => {
    const changes = (a: typeof good, b: typeof good) =>
      Object.fromEntries(
        [...diffReports(a, b).figures, ...diffReports(a, b).claims].map(({ name, change }) => [name, change]),
      )
    expect(changes(good, broken)).toMatchObject({
      ...{ verdict: 'worse', grade: 'worse', rpoOrders: 'worse', rtoMs: 'same', 'no-acknowledged-order-lost': 'worse' },
    })
    expect(changes(broken, good)).toMatchObject({ verdict: 'better', grade: 'better', rpoOrders: 'better' })
    const slower = { ...good, rtoMs: 20_000 }
    expect(changes(good, slower)).toMatchObject({ rtoMs: 'worse' })
    expect(changes({ ...good, rtoMs: null }, slower)).toMatchObject({ rtoMs: 'other' })
  })

  it('of different drills are no comparison', () => {
    const other = { ...good, drill: 'partition' }
    expect(diffReports(good, other).comparable).toBe(false)
    expect(diffText(diffReports(good, { ...other, grade: 'P4' }))).toContain('not the same drill')
  })
})
