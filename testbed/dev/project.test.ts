import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findProject, parseProject } from './project.ts'

const taken = ['orders', 'gzs']
const least = { name: 'demo', run: ['node', 'main.ts'], registers: false }
const refused = (value: unknown) => {
  try {
    parseProject(typeof value === 'string' ? value : JSON.stringify(value, null, 2), { taken })
    return 'not refused'
  } catch (error) {
    expect(error).toMatchObject({ code: 'EZ_PROJECT_INVALID' })
    return (error as Error).message
  }
}

describe('a service project', () => {
  it('needs a name and what to run; the rest has defaults', () => {
    expect(parseProject(JSON.stringify(least), { taken })).toEqual({
      name: 'demo',
      summary: '',
      class: 'multi-active',
      run: ['node', 'main.ts'],
      stores: [],
      health: '/readyz',
      tables: [],
      registers: false,
    })
  })

  it('may be indented by tabs', () => {
    expect(parseProject(JSON.stringify(least, null, '\t'), { taken }).name).toBe('demo')
  })

  it('is told all that is wrong with it at once, with line and column', () => {
    const message = refused({ name: 'Demo', runs: ['x'], stores: ['oracle'], registers: false, tables: ['notes'] })
    expect(message).toMatch(/^the service project has 6 problems/)
    expect(message).toMatch(/ezone\.service\.json:2:11 name: must be 1-30 lower-case/)
    expect(message).toMatch(/runs: is no field; did you mean run\?/)
    expect(message).toMatch(/run: is missing/)
    expect(message).toMatch(/stores: must have "mysql"/)
    expect(message).toMatch(/stores\[0\]: must be mysql or redis/)
    expect(message).toMatch(/tables\[0\]: must be schema\.table/)
  })

  it.each([
    [{ ...least, name: 'orders' }, /name: orders is a service of the platform/],
    [{ ...least, registers: true }, /stores: must have "zookeeper"/],
    [{ ...least, tables: ['demo.notes'] }, /stores: must have "mysql"/],
    [{ ...least, run: [] }, /run: must have at least 1 entry/],
    [{ ...least, health: 'readyz' }, /health: must be a path/],
    [[], /must be a group of fields/],
    ['{"name": "a", "name": "b"}', /this field is there already/],
    ['name: demo', /is not JSON/],
    ['', /is not JSON/],
  ])('%j is refused', (value, message) => {
    expect(refused(value)).toMatch(message)
  })
})

describe('a project is found', () => {
  const write = (folder: string, value: object) => writeFile(join(folder, 'ezone.service.json'), JSON.stringify(value))

  it('by its folder, by being in it, and by its name in it', async () => {
    await using at = await mkdtempDisposable(join(tmpdir(), 'project-'))
    const folder = join(at.path, 'my-demo')
    await mkdir(folder)
    await write(folder, least)
    for (const [named, here] of [
      ['my-demo', at.path],
      [folder, tmpdir()],
      [undefined, folder],
      ['.', folder],
      ['demo', folder],
    ] as const)
      expect(await findProject(named, { here, taken }), `${named}`).toMatchObject({ name: 'demo', folder })
  })

  it('nowhere else, and it is said which folder was looked at', async () => {
    await using at = await mkdtempDisposable(join(tmpdir(), 'project-'))
    await write(at.path, least)
    const missing = (message: RegExp) =>
      expect.objectContaining({ code: 'EZ_NO_PROJECT', message: expect.stringMatching(message) })
    await mkdir(join(at.path, 'empty'))
    await expect(findProject('empty', { here: at.path, taken })).rejects.toEqual(missing(/empty has no ezone\.service/))
    await expect(findProject('other', { here: at.path, taken })).rejects.toEqual(missing(/no folder other here/))
    const file = join(at.path, 'ezone.service.json')
    await expect(findProject(file, { here: at.path, taken })).rejects.toEqual(missing(/has no ezone/))
  })
})
