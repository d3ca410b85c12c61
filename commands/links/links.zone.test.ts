import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli } from '../../testbed/testing/cli.ts'

describe('the commands about links, where there is no testbed', () => {
  let cli: Cli
  beforeAll(async () => {
    cli = await Cli.open()
  })
  afterAll(() => cli[Symbol.asyncDispose]())

  it.each([
    { words: ['links'] },
    { words: ['links', 'audit', '--cut'] },
    { words: ['links', 'cut', 'bj-sh', '--direction', 'bj:sh', '--for', '2m'] },
    { words: ['links', 'join', 'bj-sh'] },
  ])('say so: $words', async ({ words }) => {
    expect(await cli.run(...words)).toMatchObject({ exit: 3, error: { code: 'EZ_NO_TESTBED' } })
  })

  it.each([
    { words: ['links', 'cut'], why: 'no link' },
    { words: ['links', 'cut', 'bj-sh', '--for', '60'], why: 'a time without a unit' },
    { words: ['links', 'cut', 'bj-sh', '--for', '100ms'], why: 'a time too short' },
    { words: ['links', 'cut', 'bj-sh', '--for', '25h'], why: 'a time too long' },
    { words: ['links', 'cut', 'bj-sh', '--direction', 'bj-sh'], why: 'a direction without a colon' },
    { words: ['links', 'audit', '--force'], why: 'force without a cut' },
    { words: ['links', 'join', 'bj-sh', 'edge-bj'], why: 'two links' },
    { words: ['links', '--fast'], why: 'an unknown flag' },
  ])('refuse $why as wrong usage, before they look for one', async ({ words }) => {
    const { exit, error } = await cli.run(...words)
    expect({ exit, code: error?.code }).toEqual({ exit: 2, code: 'EZ_USAGE' })
    expect(error?.hint).not.toBe('')
  })
})
