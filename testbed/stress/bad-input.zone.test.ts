import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Testbed } from '../session/testbed.ts'
import { Cli } from '../testing/cli.ts'
import { chooseEngine } from './engine.ts'

// What people get wrong, before anything runs: no servers are started here.

describe('what cannot be asked for', () => {
  it.each([
    ['stress --qps 0', 'EZ_USAGE', 2],
    ['stress --qps 60000', 'EZ_USAGE', 2],
    ['stress --qps 100 --for 10ms', 'EZ_USAGE', 2],
    ['stress --qps 100 --mix eat=1', 'EZ_USAGE', 2],
    ['stress --qps 100 --profile tea', 'EZ_USAGE', 2],
    ['stress --qps 100 --for 10s --profile ramp-to-break', 'EZ_USAGE', 2],
    ['stress --qps 100 --p99 0s', 'EZ_USAGE', 2],
    ['stress --qps 100 --drill nowhere', 'EZ_UNKNOWN_DRILL', 2],
    ['stress --qps 100', 'EZ_NO_TESTBED', 3],
    ['capacity --growth many', 'EZ_USAGE', 2],
    ['capacity', 'EZ_NO_TESTBED', 3],
  ])('`%s` is %s', async (typed, code, exit) => {
    await using cli = await Cli.open('process')
    const answer = await cli.run(...typed.split(' '))
    expect([answer.exit, answer.error?.code]).toEqual([exit, code])
    expect(answer.error?.hint).not.toBe('')
  })
})

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
