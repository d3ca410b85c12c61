import { mkdir, mkdtempDisposable, open, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { limitLogs } from './housekeeper.ts'

describe('a log that grew beyond its limit', () => {
  it('is emptied while its program goes on appending, and its content kept once beside it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'logs-'))
    await mkdir(join(folder.path, 'bj'))
    const path = join(folder.path, 'bj', 'mysql.log')
    await using log = await open(path, 'a')
    await log.write('x'.repeat(2_000))
    await limitLogs(folder.path, 1_000)
    await log.write('after')
    expect(await readFile(path, 'utf8')).toBe('after')
    expect((await stat(`${path}.1`)).size).toBe(2_000)
  })

  it('is left alone below its limit', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'logs-'))
    const path = join(folder.path, 'agent.log')
    await using log = await open(path, 'a')
    await log.write('x'.repeat(1_000))
    await limitLogs(folder.path, 1_000)
    expect((await stat(path)).size).toBe(1_000)
  })
})
