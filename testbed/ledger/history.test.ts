import { appendFile, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, entrySchema, type History } from './history.ts'
import { readHistory } from './history-reader.ts'
import { HistoryWriter } from './history-writer.ts'

/** Whatever fits a schema of the history: so that no kind of entry can be forgotten here. */
function fitting(schema: unknown): fc.Arbitrary<unknown> {
  const { def } = schema as { def: Record<string, never> & { type: string; check?: string; format?: string } }
  if (def.type === 'object')
    return fc.record(Object.fromEntries(Object.entries(def.shape ?? {}).map(([name, one]) => [name, fitting(one)])))
  if (def.type === 'literal') return fc.constantFrom(...((def.values ?? []) as unknown[]))
  if (def.type === 'enum') return fc.constantFrom(...Object.values(def.entries ?? {}))
  if (def.type === 'nullable') return fc.option(fitting(def.innerType))
  if (def.type === 'array') return fc.array(fitting(def.element), { maxLength: 3 })
  if (def.type === 'record') return fc.dictionary(fc.constantFrom('bj', 'sh'), fitting(def.valueType))
  if (def.type === 'boolean') return fc.boolean()
  if (def.type === 'number')
    return def.format === 'safeint'
      ? fc.maxSafeInteger()
      : fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n || 0)
  if (def.format === 'datetime') return fc.constant('2026-11-21T12:00:00.000Z')
  return fc.string({ unit: 'grapheme' })
}

const anyOf = (type: Entry['type']) =>
  fitting(entrySchema.options.find((option) => option.shape.type.value === type)) as fc.Arbitrary<Entry>
const types = entrySchema.options.map(({ shape }) => shape.type.value)
const between = types.filter((type) => type !== 'begin' && type !== 'end')
const anything = fc.oneof(...between.map(anyOf))
const history = fc.tuple(anyOf('begin'), fc.array(anything, { maxLength: 40 }), anyOf('end')).map((all) => all.flat())
const [begin, end] = [
  fc.sample(anyOf('begin'), { numRuns: 1, seed: 1 }),
  fc.sample(anyOf('end'), { numRuns: 1, seed: 1 }),
]

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'history-'))
  await work(join(folder.path, 'run', 'history.ndjson'))
}

function write(path: string, entries: readonly Entry[]): void {
  using writer = new HistoryWriter(path)
  for (const entry of entries) writer.append(entry)
  writer.close()
}

const byType = (entries: readonly Entry[]) =>
  Object.fromEntries(types.map((type) => [type, entries.filter((entry) => entry.type === type)])) as unknown as History

describe('a history', () => {
  it('is read as it was written, every kind of entry', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(history, (entries) =>
        inFolder(async (path) => {
          for (const { type } of entries) seen.add(type)
          write(path, entries)
          expect(await readHistory(path)).toEqual({ ...byType(entries), cutOffLine: null })
        }),
      ),
      { numRuns: 60, seed: 7 },
    )
    expect(seen).toEqual(new Set(types))
  })

  it('is read up to where it was cut off, wherever that is, and says so', async () => {
    const sample = fc.sample(history, { numRuns: 1, seed: 3 })[0] ?? []
    await inFolder(async (path) => {
      write(path, sample)
      const whole = await readFile(path)
      const firstLine = whole.indexOf('\n') + 1
      for (let cut = firstLine; cut < whole.length; cut += 37) {
        const bytes = whole.subarray(0, cut)
        await writeFile(path, bytes)
        const lines = bytes.toString().split('\n')
        const told = await readHistory(path)
        const entries = types.reduce((sum, type) => sum + told[type].length, 0)
        expect(entries).toBeGreaterThanOrEqual(lines.length - 1)
        expect(entries).toBeLessThanOrEqual(lines.length)
        expect(told.cutOffLine).toBe(entries === lines.length || lines.at(-1) === '' ? null : lines.length)
        expect(told.end).toEqual([])
      }
    })
  })

  it('stands on the disk before it is closed: who is killed loses no more than a moment', async () => {
    await inFolder(async (path) => {
      using writer = new HistoryWriter(path)
      for (const entry of begin) writer.append(entry)
      await expect
        .poll(async () => (await readHistory(path).catch(() => null))?.begin, { timeout: 20_000 })
        .toEqual(begin)
    })
  })

  it('holds little in memory: a full buffer is written at once', async () => {
    await inFolder(async (path) => {
      using writer = new HistoryWriter(path)
      const line = `${JSON.stringify(begin[0])}\n`
      for (let i = 0; i < 1 + (64 * 1024) / line.length; i++) writer.append(begin[0] as Entry)
      expect((await readFile(path, 'utf8')).startsWith(line)).toBe(true)
    })
  })

  it('is never written over', async () => {
    await inFolder(async (path) => {
      write(path, [...begin, ...end])
      expect(() => new HistoryWriter(path)).toThrow(expect.objectContaining({ code: 'EZ_STATE_UNREADABLE' }))
    })
  })

  it('tells where it cannot be made', () => {
    expect(() => new HistoryWriter('/dev/null/nowhere')).toThrow(
      expect.objectContaining({ code: 'EZ_STATE_UNREADABLE' }),
    )
  })
})

describe('what is no history', () => {
  const good = JSON.stringify(begin[0])
  it.each([
    ['is not there', null, 'cannot be read'],
    ['is empty', '', ':1 has no entry'],
    ['begins with something else', `${JSON.stringify(end[0])}\n`, ':1 begins with end'],
    ['begins twice', `${good}\n${good}\n`, ':2 begins a second time'],
    ['has a line that is no JSON', `${good}\n{\n${JSON.stringify(end[0])}\n`, ':2 is not JSON'],
    ['has an entry of an unknown kind', `${good}\n{"type":"noise"}\n`, ':2 '],
    ['has an entry that lacks a field', `${good}\n{"type":"end","atMs":1}\n`, ':2 '],
    ['goes on after its end', `${good}\n${JSON.stringify(end[0])}\n${JSON.stringify(end[0])}\n`, ':3 has end after'],
  ])('is refused with its line where it %s', async (_, text, said) => {
    await inFolder(async (path) => {
      if (text !== null) {
        write(path, [])
        await appendFile(path, text)
      }
      const error = await readHistory(path).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'EZ_HISTORY_INVALID', oclif: { exit: 2 } })
      expect((error as Error).message).toContain(said)
    })
  })
})
