import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { markedProcesses, marks } from '../surroundings/processes.ts'
import { temporaryFolder } from '../testing/jar-set.ts'
import { provide } from './provide.ts'

const signal = AbortSignal.timeout(300_000)

describe('a fetch that is killed', () => {
  it.each([
    // Building it a second time would tell nothing new for its 20 s.
    ['toxiproxy', 'leaves no process behind'],
    ['zookeeper', 'leaves no process behind, and the next one succeeds'],
    ['redis', 'leaves no process behind, and the next one succeeds'],
  ] as const)('in the middle of %s %s', async (kind, _promise) => {
    await using folder = await temporaryFolder()
    const cacheDir = join(folder.path, 'cache')
    const id = randomUUID()
    const script = `
        const { provide } = await import(${JSON.stringify(join(import.meta.dirname, 'provide.ts'))})
        const marker = { ${marks.testbed}: ${JSON.stringify(id)} }
        const options = { cacheDir: ${JSON.stringify(cacheDir)}, sources: ['packages'], marker }
        await provide([${JSON.stringify(kind)}], { ...options, signal: AbortSignal.timeout(100_000) })`
    const args = ['--conditions=ezone-source', '--input-type=module', '-e', script]
    const child = execa(process.execPath, args, { reject: false })
    while ((await markedProcesses(id)).length === 0) await sleep(20, undefined, { signal })
    await sleep(1_000)
    child.kill('SIGKILL')
    await child
    // The kernel ends the clients at once; what they had started notices its closed pipe.
    while ((await markedProcesses(id)).length > 0) await sleep(50, undefined, { signal })
    if (kind === 'toxiproxy') return
    const homes = await provide([kind], { cacheDir, sources: ['packages'], signal })
    expect(homes.get(kind)?.kind).toBe(kind)
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
  })

  it('by its signal leaves neither processes nor files', async () => {
    await using folder = await temporaryFolder()
    const cacheDir = join(folder.path, 'cache')
    const id = randomUUID()
    const enough = new AbortController()
    const providing = provide(['toxiproxy', 'redis', 'kafka'], {
      cacheDir,
      sources: ['packages'],
      marker: { [marks.testbed]: id },
      signal: enough.signal,
    })
    while ((await markedProcesses(id)).length < 3) await sleep(20, undefined, { signal })
    enough.abort(new Error('enough'))
    await expect(providing).rejects.toThrow('enough')
    expect(await markedProcesses(id)).toEqual([])
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
  })
})
