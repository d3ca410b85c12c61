import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockHolder, tryLock, waitLock } from './lock.ts'
import { identify } from './processes.ts'

const temporary = () => mkdtempDisposable(join(tmpdir(), 'lock-'))

async function deadProcess() {
  const child = spawn('sleep', ['60'])
  const closed = once(child, 'close')
  const id = await identify(child.pid ?? 0)
  child.kill('SIGKILL')
  await closed
  return id
}

describe('a lock between processes', () => {
  it('is held by one, and names the holder to others', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'a.lock')
    const lock = await tryLock(path)
    if ('heldBy' in lock) throw new Error('the lock of an empty folder was held')
    await using _ = lock
    expect(await tryLock(path)).toEqual({ heldBy: await identify(process.pid) })
  })

  it('is free again once disposed', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'a.lock')
    const first = await tryLock(path)
    if ('path' in first) await first[Symbol.asyncDispose]()
    expect(await lockHolder(path)).toBeNull()
    expect(await tryLock(path)).toHaveProperty('path')
  })

  it('of a holder that was killed counts no longer', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'a.lock')
    await writeFile(path, JSON.stringify(await deadProcess()))
    expect(await tryLock(path)).toHaveProperty('path')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(await identify(process.pid))
  })

  it('of a later process with the same number does not count as the old holder living', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'a.lock')
    await writeFile(path, JSON.stringify({ pid: process.pid, startTicks: 1 }))
    expect(await lockHolder(path)).toBeNull()
  })

  it('is waited for until the signal ends the wait', async () => {
    await using folder = await temporary()
    const path = join(folder.path, 'a.lock')
    await using _ = (await tryLock(path)) as AsyncDisposable
    await expect(waitLock(path, AbortSignal.timeout(120))).rejects.toThrow()
  })
})
