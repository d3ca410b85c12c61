import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../contract/check.ts'
import { packageRoot } from '../surroundings/folders.ts'
import { Cli } from '../testing/cli.ts'

const notes = join(packageRoot, 'testbed', 'testing', 'notes-service')

describe('a service that is checked', () => {
  let cli: Cli
  beforeAll(async () => {
    cli = await Cli.open()
    expect((await cli.up()).error).toBeNull()
    await cli.watch()
  })
  afterAll(() => cli?.[Symbol.asyncDispose]())

  const check = async (project: string, ...more: readonly string[]) => {
    const answer = await cli.run('check', project, ...more)
    return { ...answer, result: answer.data as CheckResult, said: `${answer.stderr} ${JSON.stringify(answer.data)}` }
  }
  const withBug = async <T>(bug: string, use: () => Promise<T>): Promise<T> => {
    process.env.NOTES_BUG = bug
    try {
      return await use()
    } finally {
      delete process.env.NOTES_BUG
    }
  }

  it('and is as the platform needs it is found so, and nothing of it stays', async () => {
    const { exit, result, said } = await check(notes)
    expect(exit, said).toBe(0)
    expect(result.verdict).toBe('valid')
    expect(result.checks.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['repeats-once', 'valid'],
      ['follows-moves', 'valid'],
      ['refuses-foreign', 'valid'],
      ['survives', 'valid'],
    ])
    for (const { checked } of result.checks) expect(checked).toBeGreaterThan(8)
    expect((await cli.run('shard', 'list')).data).not.toMatchObject({ shards: expect.arrayContaining([{ move: {} }]) })
    expect((await cli.run('status')).data).toMatchObject({ state: 'ready', faults: [], dev: [] })
  })

  it.each([
    ['forgets-keys', 'repeats-once', /told of different things/],
    ['pins-epoch', 'follows-moves', /came back to sh a write got 50\d EZ_|a write of a planned move failed: 50\d EZ_/],
    ['writes-anywhere', 'refuses-foreign', /took a write/],
    ['acknowledges-early', 'survives', /was acknowledged in shard \d+, and cannot be read/],
  ])('and %s is caught by %s', async (bug, name, why) => {
    const { exit, result, error, said } = await withBug(bug, () => check(notes, '--only', name))
    expect([exit, error?.code], said).toEqual([7, 'EZ_CONTRACT_BROKEN'])
    expect(result.checks).toMatchObject([{ name, verdict: 'invalid', why: expect.stringMatching(why) }])
  })

  it('without a contract is unknown, never good', async () => {
    const { exit, result, error } = await check(join(packageRoot, 'examples', 'python-service'))
    expect([exit, error?.code, result.verdict]).toEqual([8, 'EZ_CONTRACT_UNKNOWN', 'unknown'])
    expect(result.checks).toHaveLength(4)
  })
})
