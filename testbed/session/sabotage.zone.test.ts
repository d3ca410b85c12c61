import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli } from '../testing/cli.ts'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
})
afterAll(() => cli?.[Symbol.asyncDispose]())

describe('a testbed with planted bugs', () => {
  it('is not made where one is unknown', async () => {
    expect((await cli.run('up', '--sabotage', 'no-brakes')).exit).toBe(2)
    expect((await cli.run('status')).error?.code).toBe('EZ_NO_TESTBED')
  })

  it('shows them in `up` and `status`, keeps them, and refuses others', async () => {
    const sabotage = ['lying-lag', 'stale-router']
    const up = await cli.up('--sabotage', sabotage.join(','))
    expect(up.error).toBeNull()
    await cli.watch()
    expect(up.data).toMatchObject({ state: 'ready', sabotage })
    expect((await cli.run('status')).data).toMatchObject({ sabotage })
    expect((await cli.up()).data).toMatchObject({ operations: 0, sabotage })
    expect(await cli.up('--sabotage', 'no-fence')).toMatchObject({ exit: 6, error: { code: 'EZ_OTHER_TOPOLOGY' } })
  })
})
