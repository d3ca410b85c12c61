import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli } from '../../testbed/testing/cli.ts'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
})
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]()
})

const make = (...args: readonly string[]) => cli.run('new', 'service', ...args, '--no-install')

describe('ezone new service', () => {
  it('makes a folder with a program, its tests and the SDK, and says what it has made', async () => {
    const { exit, data } = await make('notes', '--yes')
    expect(exit).toBe(0)
    const folder = join(cli.state, 'notes')
    expect(data).toMatchObject({
      name: 'notes',
      template: 'api',
      folder,
      installed: false,
      started: false,
      checked: false,
    })
    const { files } = data as { files: readonly string[] }
    expect(files).toEqual(expect.arrayContaining(['package.json', 'src/main.ts', 'ezone.service.json']))
    const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const tarball = String(dependencies['@ezone/sdk']).replace('file:', '')
    // The two bytes every gzip begins with.
    expect((await readFile(join(folder, tarball))).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })

  it('makes it where it is told to', async () => {
    const { exit } = await make('worker', '--template', 'job', '--dir', 'elsewhere')
    expect(exit).toBe(0)
    expect(await readdir(join(cli.state, 'elsewhere', 'src'))).toContain('job.ts')
  })

  it.each([
    ['nothing is said and nobody can be asked', [], 2, 'EZ_USAGE', /NAME and --template missing/],
    ['no template is said', ['two'], 2, 'EZ_USAGE', /--template missing/],
    ['there is no such template', ['two', '--template', 'cron'], 2, 'EZ_USAGE', /api, consumer, job/],
    ['the name is none', ['Two', '--yes'], 2, 'EZ_USAGE', /"Two" is not a name/],
    ['the platform has it', ['orders', '--yes'], 6, 'EZ_NAME_TAKEN', /the platform itself has a service orders/],
    ['the folder is not empty', ['full', '--yes'], 6, 'EZ_NAME_TAKEN', /not empty; nothing was written/],
    ['the folder above is not there', ['two', '--yes', '--dir', 'no/two'], 2, 'EZ_USAGE', /nothing can be made in/],
    ['it cannot be checked', ['two', '--yes', '--check'], 2, 'EZ_USAGE', /--check or --no-install/],
  ])('refuses where %s, and leaves nothing', async (_, args, exit, code, message) => {
    await mkdir(join(cli.state, 'full'), { recursive: true })
    await writeFile(join(cli.state, 'full', 'mine.txt'), 'mine')
    const before = await readdir(cli.state)
    expect(await make(...args)).toMatchObject({ exit, error: { code, message: expect.stringMatching(message) } })
    expect(await readdir(cli.state)).toEqual(before)
    expect(await readdir(join(cli.state, 'full'))).toEqual(['mine.txt'])
  })
})
