import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder, writeJarSet } from '../testing/jar-set.ts'
import { survey } from './survey.ts'

const signal = AbortSignal.timeout(20_000)

describe('a survey', () => {
  it('finds jars and version by their names', async () => {
    await using folder = await temporaryFolder()
    await writeJarSet(folder.path)
    const home = await survey('zookeeper', folder.path, 'packages:maven', signal)
    expect(home).toMatchObject({ kind: 'zookeeper', version: '3.9.5', licence: 'Apache-2.0', root: folder.path })
  })

  it('refuses a version ezone was never tried with', async () => {
    await using folder = await temporaryFolder()
    await writeJarSet(folder.path, '3.4.14')
    await expect(survey('zookeeper', folder.path, 'x', signal)).rejects.toThrow(
      'has zookeeper 3.4.14, but 3.9 is needed',
    )
  })

  it('refuses a folder that holds something else', async () => {
    await using folder = await temporaryFolder()
    await writeJarSet(folder.path)
    await expect(survey('kafka', folder.path, 'x', signal)).rejects.toThrow('holds no jar of kafka')
    await mkdir(join(folder.path, 'bin'))
    await expect(survey('mysql', folder.path, 'x', signal)).rejects.toThrow('holds no program mysqld of mysql')
  })
})
