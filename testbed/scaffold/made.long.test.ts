import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { makeService, type NewService } from './new-service.ts'
import { check, install } from './npm.ts'
import { requireStarts } from './starts.ts'
import { type Template, templateNames } from './templates.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ezone-made-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const signal = () => AbortSignal.timeout(110_000)

/** As long as a name may be: no line of what is made depends on how long it is. */
const name = 'a-name-with-thirty-characters1'

const make = (template: Template): Promise<NewService> =>
  makeService({ name, template, dir: undefined, here: home, signal: signal() })

/** The packages of this repository in the place of an install, which needs a registry; the SDK is the built one. */
const lend = ({ folder }: NewService) => symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))

describe.each(templateNames)('a service made from the template %s', (template) => {
  it('passes its own checks and tests untouched, and starts without any store', async () => {
    const made = await make(template)
    await lend(made)
    await check(made.folder, signal())
    await requireStarts(made.folder, signal())
  })
})

describe('what shows that a service is sound', () => {
  it('finds one that does not start, and says why', async () => {
    const made = await make('api')
    await lend(made)
    const main = join(made.folder, 'src', 'main.ts')
    await writeFile(main, `${await readFile(main, 'utf8')}import 'not-there'\n`)
    const error = { code: 'EZ_BUG', cause: expect.objectContaining({ message: expect.stringContaining('not-there') }) }
    await expect(requireStarts(made.folder, signal())).rejects.toMatchObject(error)
  })

  it('finds one whose types are wrong, and says where', async () => {
    const made = await make('job')
    await lend(made)
    await writeFile(join(made.folder, 'src', 'wrong.ts'), "export const wrong: number = 'x'\n")
    const error = {
      code: 'EZ_BUG',
      cause: expect.objectContaining({ message: expect.stringContaining('src/wrong.ts') }),
    }
    await expect(check(made.folder, signal())).rejects.toMatchObject(error)
  })

  it('finds one that misuses the SDK: its types are there', async () => {
    const made = await make('api')
    await lend(made)
    const text = "import { parseId } from '@ezone/sdk'\n\nexport const wrong = parseId(7)\n"
    await writeFile(join(made.folder, 'src', 'wrong.ts'), text)
    await expect(check(made.folder, signal())).rejects.toMatchObject({ code: 'EZ_BUG' })
  })
})

describe('an install without a registry', () => {
  it('fails, says what to do, and leaves the folder whole', async () => {
    const made = await make('api')
    // npm itself, with an empty cache and nobody at the registry.
    const settings = ['registry=http://127.0.0.1:9', `cache=${join(home, 'cache')}`, 'fetch-retries=0']
    await mkdir(join(home, 'cache'))
    await writeFile(join(made.folder, '.npmrc'), `${settings.join('\n')}\n`)
    await expect(install(made.folder, signal())).rejects.toMatchObject({
      code: 'EZ_INSTALL_FAILED',
      hint: expect.stringContaining('npm install'),
    })
    for (const file of made.files) await readFile(join(made.folder, file))
  })
})
