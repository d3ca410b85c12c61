import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli } from '../testbed/testing/cli.ts'

describe('ezone dev, where there is nothing to develop in', () => {
  let cli: Cli
  let folder: string
  const project = { name: 'demo', run: ['node', 'main.ts'], registers: false }
  beforeAll(async () => {
    cli = await Cli.open()
    folder = join(cli.state, '..', 'demo')
    await mkdir(join(folder, 'node_modules', '@ezone', 'sdk'), { recursive: true })
  })
  afterAll(() => cli[Symbol.asyncDispose]())

  it.each([
    [project, '0.2.0', 3, 'EZ_NO_TESTBED', /no testbed/],
    [project, '0.2.7', 3, 'EZ_NO_TESTBED', /no testbed/],
    [project, '0.1.9', 6, 'EZ_SDK_MISMATCH', /demo has @ezone\/sdk 0\.1\.9 installed; this is ezone 0\.2/],
    [{ ...project, name: 'orders' }, '0.2.0', 2, 'EZ_PROJECT_INVALID', /a service of the platform/],
    [{ name: 'demo', run: 'node' }, '0.2.0', 2, 'EZ_PROJECT_INVALID', /2 problems[\s\S]*run: must be a list/],
    [null, '0.2.0', 2, 'EZ_NO_PROJECT', /no ezone\.service\.json/],
  ])('with %j and the SDK %s it exits with %i, %s', async (value, sdk, exit, code, message) => {
    await writeFile(join(folder, 'node_modules', '@ezone', 'sdk', 'package.json'), JSON.stringify({ version: sdk }))
    await writeFile(join(folder, 'ezone.service.json'), JSON.stringify(value ?? {}))
    const answer = await cli.run('dev', value === null ? cli.state : folder)
    expect(answer).toMatchObject({ exit, error: { code, message: expect.stringMatching(message) } })
    expect(answer.error?.hint).not.toBe('')
  })
})
