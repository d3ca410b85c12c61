import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MeasuredPath } from '../links/measure.ts'
import { type Answer, Cli } from '../testing/cli.ts'
import type { Listed } from './list.ts'
import type { Status } from './status.ts'

const status = (answer: Answer) => answer.data as unknown as Status
const pathsIn = (answer: Answer) => (answer.data as unknown as { paths: readonly MeasuredPath[] }).paths

const threeZones = `
zones:
  - name: bj
  - name: sh
    idcs: [sh1, sh2]
  - name: gz
links:
  - between: [bj, gz]
    rttMs: 40
`

describe('zones are data', () => {
  it('so three zones, one of them with two IDCs a millisecond apart, start by the same command', async () => {
    await using cli = await Cli.open()
    await writeFile(join(cli.state, 'ezone.yaml'), threeZones)
    const up = await cli.up()
    expect(up.error).toBeNull()
    await cli.watch()
    expect(status(up).places.map((p) => p.name)).toEqual(['bj', 'sh1', 'sh2', 'gz', 'edge'])

    const paths = pathsIn(up)
    const between = (a: string, b: string) => paths.filter((p) => p.from === a && p.to === b)
    expect(new Set(between('sh2', 'sh1').map((p) => p.askedRttMs))).toEqual(new Set([1]))
    expect(new Set(between('bj', 'gz').map((p) => p.askedRttMs))).toEqual(new Set([40]))
    // Each was measured, and none came sooner than its link allows.
    expect(paths.filter((p) => p.p50Ms === null || p.judgement === 'bypassed')).toEqual([])

    // The services of the second IDC use the stores of the first one, through the link between them.
    const order = await cli.run('order', 'place', '--city', 'Shanghai')
    expect(order.error).toBeNull()
    const audit = await cli.run('links', 'audit')
    expect(audit.error).toBeNull()
    expect(audit.data).toMatchObject({ bypasses: [] })
    await cli.run('down')
    expect(await cli.leaks()).toEqual([])
  })
})

describe('two testbeds at once', () => {
  it('live beside each other on blocks of their own, and `down --all` ends both', async () => {
    await using cli = await Cli.open()
    const ups = await Promise.all([cli.up(), cli.up('--name', 'two')])
    expect(ups.map((up) => up.error)).toEqual([null, null])
    await Promise.all([cli.watch(), cli.watch('two')])
    const { testbeds } = (await cli.run('ps')).data as unknown as { testbeds: readonly Listed[] }
    expect(testbeds.map((t) => t.state)).toEqual(['ready', 'ready'])
    expect(new Set(testbeds.flatMap((t) => t.blocks)).size).toBe(6)
    for (const name of ['default', 'two'])
      expect((await cli.run('order', 'place', '--name', name, '--city', 'Beijing')).data).toMatchObject({ zone: 'bj' })
    await cli.run('down', '--all')
    expect(await cli.leaks()).toEqual([])
    expect((await cli.run('ps')).data).toEqual({ testbeds: [] })
  })
})

describe('a system that has no 127.0.0.0/8', () => {
  it('gets ports of 127.0.0.1 instead of addresses', async () => {
    await using cli = await Cli.open()
    const up = await cli.up('--addresses', 'ports')
    expect(up.error).toBeNull()
    const addresses = status(up).places.flatMap((p) => [...p.servers, ...p.services].map((s) => s.address))
    expect(addresses.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([])
    expect(pathsIn(up).filter((p) => p.p50Ms === null || p.judgement === 'bypassed')).toEqual([])
    expect((await cli.run('order', 'place', '--city', 'Shanghai')).data).toMatchObject({ zone: 'sh' })
  })
})
