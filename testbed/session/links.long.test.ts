import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LinkAudit } from '../agent/link-queries.ts'
import type { MeasuredPath } from '../links/measure.ts'
import { marks } from '../surroundings/processes.ts'
import { Cli, killNow } from '../testing/cli.ts'
import type { Status } from './status.ts'

describe('the links of a whole testbed', () => {
  let cli: Cli
  beforeAll(async () => {
    cli = await Cli.open()
    expect((await cli.up()).error).toBeNull()
    await cli.watch()
  })
  afterAll(() => cli[Symbol.asyncDispose]())

  const links = async () => ((await cli.run('links')).data as unknown as { paths: readonly MeasuredPath[] }).paths

  it('are crossed in every protocol and both ways, and no answer comes sooner than asked', async () => {
    const paths = await links()
    const kinds = (from: string, to: string) =>
      new Set(paths.filter((p) => p.from === from && p.to === to && p.link === 'bj-sh').map((p) => p.protocol))
    const all = new Set(['mysql', 'redis', 'zookeeper', 'kafka', 'http'])
    expect(kinds('bj', 'sh')).toEqual(all)
    expect(kinds('sh', 'bj')).toEqual(all)
    expect(paths.filter((p) => p.p50Ms === null || p.judgement === 'bypassed')).toEqual([])
  })

  it('are passed by nothing: no socket leads beside them, and a cut silences every path across and none within', async () => {
    const audit = (await cli.run('links', 'audit', '--cut')).data as unknown as LinkAudit
    expect(audit).toMatchObject({ bypasses: [], unknown: [], cut: { leaked: [], deadInZone: [], unhealed: [] } })
    expect(audit.sockets).toBeGreaterThan(0)
    expect(audit.cut?.silent).toBeGreaterThan(12)
  })

  it('are found passed when a process of one place dials a door of another', async () => {
    const status = (await cli.run('status')).data as unknown as Status
    const redis = status.places.find((p) => p.name === 'sh')?.servers.find((s) => s.name === 'redis')
    const [host, port] = redis?.address.split(':') ?? []
    const id = (await readFile(join(cli.folder(), 'id'), 'utf8')).trim()
    const program = `require('node:net').connect(${port}, '${host}'); setTimeout(() => {}, 60_000)`
    const stray = spawn(process.execPath, ['-e', program], {
      env: { ...process.env, [marks.testbed]: id, [marks.spec]: 'bj/stray', [marks.place]: 'bj' },
    })
    try {
      await sleep(500)
      const audit = await cli.run('links', 'audit')
      expect(audit).toMatchObject({ exit: 7, error: { code: 'EZ_LINK_BYPASSED' } })
      expect(audit.error?.message).toContain(`bj/stray (pid ${stray.pid}) of bj dials ${redis?.address} of sh`)
    } finally {
      stray.kill('SIGKILL')
    }
  })

  it('can be cut one way and joined, each shown by the paths themselves', async () => {
    const cut = await cli.run('links', 'cut', 'bj-sh', '--direction', 'bj:sh', '--for', '60s')
    expect(cut.data).toMatchObject({ faults: [{ target: 'bj-sh', direction: 'bj:sh', effect: { proven: true } }] })
    // Every zone keeps its own orders while they cannot reach each other.
    for (const [city, zone] of [
      ['Beijing', 'bj'],
      ['Shanghai', 'sh'],
    ] as const)
      expect((await cli.run('order', 'place', '--city', city)).data).toMatchObject({ zone })
    const joined = await cli.run('links', 'join', 'bj-sh')
    expect(joined.data).toMatchObject({ faults: [{ removal: { proven: true } }] })
    expect((await links()).filter((p) => p.p50Ms === null)).toEqual([])
  })

  it('are joined by the agent when the lease of a cut ends, though nobody waits for it', async () => {
    await cli.run('links', 'cut', 'edge-bj', '--for', '2s')
    await sleep(4_000)
    const status = (await cli.run('status')).data as unknown as Status
    expect(status.links.map((l) => l.state)).toEqual(['open', 'open', 'open'])
  })

  it('keep a cut over the death of the agent, and the next agent ends it', async () => {
    await cli.run('links', 'cut', 'bj-sh', '--for', '20s')
    const { agent } = (await cli.run('status')).data as unknown as Status
    killNow(agent)
    await sleep(200)
    const up = (await cli.up()).data as unknown as Status
    expect(up.links.find((l) => l.name === 'bj-sh')?.state).toMatch(/^cut/)
    await vi.waitFor(
      async () => {
        const later = (await cli.run('status')).data as unknown as Status
        expect(later.links.map((l) => l.state)).toEqual(['open', 'open', 'open'])
      },
      { timeout: 40_000, interval: 1_000 },
    )
  })
})
