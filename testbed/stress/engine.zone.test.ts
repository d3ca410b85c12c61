import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Testbed } from '../session/testbed.ts'
import { chooseEngine } from './engine.ts'

describe('without k6', () => {
  afterEach(() => void vi.unstubAllEnvs())

  /** Nothing in the cache, nothing on PATH, and no other source. */
  async function chosen(wanted: 'auto' | 'k6') {
    await using folder = await mkdtempDisposable(`${tmpdir()}/no-k6-`)
    vi.stubEnv('EZONE_CACHE_DIR', folder.path)
    vi.stubEnv('PATH', folder.path)
    const testbed = { record: { id: 'none', topology: { sources: ['path'] } } } as unknown as Testbed
    const told: string[] = []
    const tell = (text: string) => void told.push(text)
    const engine = await chooseEngine({ wanted, testbed, signal: AbortSignal.timeout(20_000), tell })
    return { engine, told }
  }

  it('the built-in engine sends, and says how k6 is fetched', async () => {
    const { engine, told } = await chosen('auto')
    expect(engine).toEqual({ name: 'builtin' })
    expect(told.join()).toContain('ezone servers fetch k6')
  })

  it('who asks for it is told of both ways on', async () => {
    const refused = chosen('k6')
    await expect(refused).rejects.toMatchObject({ code: 'EZ_SERVER_UNAVAILABLE', oclif: { exit: 4 } })
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('--engine builtin') })
  })
})
