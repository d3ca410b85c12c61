import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../testbed/surroundings/folders.ts'
import { PageShell } from '../testbed/testing/page-shell.ts'
import { type Planned, pages, planned } from '../tools/docs/pages.ts'
import { filesOf, statementsOf } from '../tools/docs/statements.ts'

// Whatever a page tells its reader to type is typed, page by page and line by line, into one shell; on processes alone.

const all = await Promise.all(
  Object.entries(pages).map(async ([path, plan]) => {
    const text = await readFile(join(packageRoot, path), 'utf8')
    const file = { path, text }
    const statements = planned(statementsOf(file), plan).all.filter(({ special }) => special.elsewhere === undefined)
    return { path, plan, files: filesOf(file), statements }
  }),
)
/** Of some pages all is tried elsewhere. */
const stages = all.filter(({ statements }) => statements.length > 0)

let shell: PageShell
beforeAll(async () => {
  shell = await PageShell.open()
})
afterAll(() => shell?.[Symbol.asyncDispose]())

/** What a reader has before his eyes, of all that was printed so far. */
const seen = { order: '', run: '' }
const patterns = { order: /\b1\d{17}\b/g, run: /\b\d{8}-\d{6}-[a-z-]+\b/g } as const

async function type(text: string, exits: readonly number[]): Promise<void> {
  const { exit, output } = await shell.type(text)
  for (const what of ['order', 'run'] as const) seen[what] = output.match(patterns[what])?.at(-1) ?? seen[what]
  expect(exits, `${text} ended with ${exit}:\n${output.slice(-3_000)}`).toContain(exit)
}

function filled(text: string, stands: Readonly<Record<string, 'order' | 'run'>>): string {
  return Object.entries(stands).reduce((line, [word, what]) => {
    if (!line.includes(word)) return line
    expect(seen[what], `no ${what} was seen before ${text}`).not.toBe('')
    return line.replaceAll(word, seen[what])
  }, text)
}

describe.each(stages)('$path', ({ plan, files, statements }) => {
  beforeAll(async () => {
    for (const { name, text } of files) await shell.write(name, text)
    for (const line of plan.begin ?? []) await type(line, [0])
  })

  it.each(statements)('$line: $text', { timeout: 240_000 }, async ({ text, special }: Planned) => {
    for (const line of special.before ?? []) await type(line, [0])
    await type(filled(text, plan.stands ?? {}), special.exits ?? [0])
  })
})
