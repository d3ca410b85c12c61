import { describe, expect, it } from 'vitest'
import { Cli } from '../testbed/testing/cli.ts'

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
    await using cli = await Cli.open()
    const answer = await cli.run(...typed.split(' '))
    expect([answer.exit, answer.error?.code]).toEqual([exit, code])
    expect(answer.error?.hint).not.toBe('')
  })
})
