import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import type { BlastRadius } from '../../testbed/chaos/kinds.ts'
import type { MeasuredPath } from '../../testbed/links/measure.ts'
import type { Status } from '../../testbed/session/status.ts'
import { Cli, killNow } from '../../testbed/testing/cli.ts'

const patience = { timeout: 120_000, interval: 500 }
/** Servers are started again and again, one command after the other. */
const long = 400_000

describe('breaking a whole testbed on purpose', () => {
  let cli: Cli
  beforeAll(async () => {
    cli = await Cli.open()
    expect((await cli.up()).error).toBeNull()
    await cli.watch()
  })
  afterAll(() => cli[Symbol.asyncDispose]())
  afterEach(async () => {
    expect((await cli.run('chaos', 'heal')).error).toBeNull()
  })

  const data = async <T>(...words: readonly string[]) => {
    const { error, data } = await cli.run(...words)
    expect(error).toBeNull()
    return data as unknown as T
  }
  const faults = async (...words: readonly string[]) =>
    (await data<{ faults: readonly FaultReport[] }>('chaos', ...words)).faults
  const status = () => data<Status>('status')
  const stateOf = async (place: string, name: string) => {
    const found = (await status()).places.find((p) => p.name === place)
    return [...(found?.servers ?? []), ...(found?.services ?? [])].find((s) => s.name === name)?.state
  }
  const code = async (...words: readonly string[]) => {
    const { exit, error } = await cli.run(...words)
    return { exit, code: error?.code }
  }
  const placed = async (city: string) => (await cli.run('order', 'place', '--city', city)).error?.code ?? 'placed'

  it('a partition in front stays until it is shown to be gone, and zones go on meanwhile', async () => {
    const { child, answer } = cli.start('chaos', '--partition', 'bj-sh', '--for', '8s')
    await vi.waitFor(async () => expect(await faults('status')).toMatchObject([{ effect: { proven: true } }]), patience)
    expect([await placed('Beijing'), await placed('Shanghai')]).toEqual(['placed', 'placed'])
    expect((await answer).data).toMatchObject({
      faults: [{ kind: 'partition', state: 'ended', why: 'lease', effect: { by: 'paths' }, removal: { by: 'paths' } }],
    })
    expect(child.exitCode).toBe(0)
  })

  it('Ctrl-C ends it at once, shown, and is told by the exit', async () => {
    const { child, answer } = cli.start('chaos', '--partition', 'bj-sh', '--for', '10m')
    await vi.waitFor(async () => expect((await faults('status')).at(-1)).toMatchObject({ state: 'active' }), patience)
    child.kill('SIGINT')
    expect(await answer).toMatchObject({ exit: 130, data: { faults: [{ state: 'ended', removal: { proven: true } }] } })
    expect((await status()).links.map(({ state }) => state)).toEqual(['open', 'open', 'open'])
  })

  it('the power of a zone goes at once and comes back, and the testbed is as ready as before', {
    timeout: long,
  }, async () => {
    const radius = await data<BlastRadius>('chaos', 'run', 'power-loss', 'sh', '--dry-run')
    expect(radius.specs.map(({ spec }) => spec)).toContain('sh/mysql')
    expect(await stateOf('sh', 'mysql')).toBe('running')
    const [fault] = await faults('run', 'power-loss', 'sh', '--for', '2m')
    expect(fault).toMatchObject({ effect: { proven: true, samples: radius.specs.length } })
    expect(await stateOf('sh', 'mysql')).toBe('absent')
    expect(await placed('Beijing')).toBe('placed')
    expect(await code('up')).toEqual({ exit: 6, code: 'EZ_FAULT_CONFLICT' })
    expect(await code('restart', 'bj/orders')).toEqual({ exit: 6, code: 'EZ_FAULT_CONFLICT' })
    expect(await faults('heal', fault?.id ?? '')).toMatchObject([{ state: 'ended', removal: { proven: true } }])
    expect((await status()).state).toBe('ready')
  })

  it('a service believes another time than the machine, and then no more', async () => {
    const [fault] = await faults('run', 'clock-skew', 'bj/orders', '--by=-90s', '--for', '2m')
    expect(fault).toMatchObject({ effect: { proven: true, by: 'processes' } })
    const address = (await status()).places[0]?.services.find(({ name }) => name === 'orders')?.address
    const text = await (await fetch(`http://${address}/metrics`)).text()
    const seconds = Number(/^ezone_clock_seconds\S* (\S+)$/m.exec(text)?.[1])
    expect(Math.abs(systemClock.nowMs() / 1_000 - 90 - seconds)).toBeLessThan(20)
    expect(await faults('heal')).toMatchObject([{ removal: { proven: true } }])
  })

  it('what means nothing is refused', async () => {
    const refused = {
      'run partition bj-gz': 'EZ_UNKNOWN_LINK',
      'run isolate gz': 'EZ_UNKNOWN_ZONE',
      'run kill sh/oracle': 'EZ_UNKNOWN_PLACE',
      'run flood sh': 'EZ_USAGE',
      'run latency bj-sh': 'EZ_USAGE',
      'run partition bj-sh --mode stall': 'EZ_LEASE_TOO_LONG',
      'run kill sh/mysql --for 25h': 'EZ_USAGE',
      'heal f4711': 'EZ_UNKNOWN_FAULT',
    }
    const found = Object.keys(refused).map(async (words) => [words, await code('chaos', ...words.split(' '))] as const)
    expect(Object.fromEntries(await Promise.all(found))).toEqual(
      Object.fromEntries(Object.entries(refused).map(([words, code]) => [words, { exit: 2, code }])),
    )
    expect((await faults('status')).filter(({ state }) => state !== 'ended')).toEqual([])
  })

  it('a dead server and a second fault on one are refused', async () => {
    await faults('run', 'pause', 'sh/redis')
    expect(await code('chaos', 'run', 'kill', 'sh/redis')).toEqual({ exit: 6, code: 'EZ_FAULT_CONFLICT' })
    await faults('heal')
    const redis = (await status()).places
      .find(({ name }) => name === 'sh')
      ?.servers.find(({ name }) => name === 'redis')
    await cli.kill(redis ?? { pid: null, container: null })
    await vi.waitFor(async () => expect(await stateOf('sh', 'redis')).not.toBe('running'), patience)
    expect(await code('chaos', 'run', 'pause', 'sh/redis')).toEqual({ exit: 6, code: 'EZ_TARGET_DEAD' })
    expect((await cli.up()).error).toBeNull()
  })

  it('faults of a link and of a process end by their leases though agent and command were killed with -9', {
    timeout: long,
  }, async () => {
    const before = (await faults('status')).length
    const { child } = cli.start('chaos', '--partition', 'bj-sh', '--for', '35s')
    await vi.waitFor(async () => expect(await faults('status')).toHaveLength(before + 1), patience)
    await faults('run', 'kill', 'bj/redis', '--for', '30s')
    killNow(child.pid)
    killNow((await status()).agent)
    await sleep(300)
    expect((await status()).agent).toBeNull()
    expect(await stateOf('bj', 'redis')).not.toBe('running')
    // Any command that needs an agent starts one, and that one finds both.
    await vi.waitFor(async () => {
      const last = (await faults('status')).slice(-2)
      expect(last).toMatchObject([
        { kind: 'partition', state: 'ended', why: 'lease', removal: { proven: true } },
        { kind: 'kill', state: 'ended', why: 'lease', removal: { proven: true } },
      ])
    }, patience)
    const { paths } = await data<{ paths: readonly MeasuredPath[] }>('links')
    expect(paths.filter(({ p50Ms }) => p50Ms === null)).toEqual([])
    expect(await stateOf('bj', 'redis')).toBe('running')
  })

  it('a testbed that is stopped ends its faults, and nothing of them is left when it starts again', {
    timeout: long,
  }, async () => {
    await faults('run', 'pause', 'bj/mysql', '--for', '10m')
    await faults('run', 'isolate', 'sh', '--for', '10m')
    expect((await cli.run('stop')).error).toBeNull()
    expect((await cli.run('start')).error).toBeNull()
    const { state, links } = await status()
    expect({ state, links: links.map((link) => link.state) }).toEqual({
      state: 'ready',
      links: ['open', 'open', 'open'],
    })
  })
})
