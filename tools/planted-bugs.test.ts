import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plantedBugNames, plantedBugs } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { checks } from '../testbed/checks/all.ts'
import { builtInNames } from '../testbed/drills/built-in.ts'
import { showings } from '../testbed/drills/planted-bugs.ts'
import { scenarioAsWritten } from '../testbed/drills/scenario.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFile(join(root, file), 'utf8')
const list = 'src/sdk/model/planted-bugs.ts'

/** Code that runs in zones, with the names of bugs it asks for. */
async function askedFor(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    if (file === list || /\.test\.ts$|^src\/sdk\/dist\//.test(file)) continue
    const text = await read(file)
    const names = plantedBugNames.filter((bug) => text.includes(`'${bug}'`))
    if (names.length > 0) found.set(file, names)
  }
  return found
}

describe('planted bugs', () => {
  it('stand where the table says, and nowhere else', async () => {
    const asked = await askedFor()
    expect(asked.size).toBeGreaterThan(5)
    const places = Object.fromEntries(
      plantedBugNames.map((bug) => [bug, [...asked].filter(([, names]) => names.includes(bug)).map(([file]) => file)]),
    )
    const sorted = (files: readonly string[]) => [...files].sort()
    for (const bug of plantedBugNames)
      expect([bug, sorted(places[bug] ?? [])]).toEqual([bug, sorted(showings[bug].places)])
  })

  it('are asked of the configuration a service is given, and of nothing around it', async () => {
    for (const [file] of await askedFor()) expect(await read(file), file).not.toContain('process.env')
  })

  it.each(plantedBugNames)('%s has a drill that there is, and a claim that somebody checks', async (bug) => {
    const { drill, claim } = showings[bug]
    if (drill.includes('/')) expect(scenarioAsWritten(await read(drill), drill).claims).toBe('all')
    else expect(await builtInNames()).toContain(drill)
    expect(checks.map(({ name }) => name)).toContain(claim)
  })

  it('stand in the guide, each with its drill and its claim', async () => {
    const guide = await read('docs/guide/planted-bugs.md')
    const row = (bug: string) => guide.split('\n').find((line) => line.startsWith(`| \`${bug}\``)) ?? ''
    for (const bug of plantedBugNames) {
      const { drill, claim } = showings[bug]
      for (const word of [plantedBugs[bug], drill, claim]) expect(row(bug)).toContain(word)
    }
  })
})
