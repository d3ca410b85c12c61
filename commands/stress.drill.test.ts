import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CapacityResult } from '../testbed/capacity/result.ts'
import { reportSchema } from '../testbed/report/schema.ts'
import type { StressResult } from '../testbed/stress/result.ts'
import { markedProcesses } from '../testbed/surroundings/processes.ts'
import { Cli } from '../testbed/testing/cli.ts'
import { shortDrill } from '../testbed/testing/short-drill.ts'

// On one whole testbed, at rates that a busy machine holds as well.

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
  expect(await cli.up()).toMatchObject({ exit: 0 })
  await cli.run('stress', '--qps', '40', '--for', '5s', '--engine', 'builtin')
})
afterAll(async () => {
  await cli?.run('down')
  await cli?.[Symbol.asyncDispose]()
})

async function stress(...flags: readonly string[]) {
  const answer = await cli.run('stress', '--qps', '40', '--p99', '10s', '--seed', '7', ...flags)
  return { answer, result: answer.data as StressResult }
}

describe('a load on a testbed', () => {
  it.each(['k6', 'builtin'] as const)('that %s sends has both zones, every kind, and what it cost', async (engine) => {
    const { answer, result } = await stress('--for', '10s', '--engine', engine)
    expect([answer.exit, answer.error?.message]).toEqual([0, undefined])
    expect(result).toMatchObject({ verdict: 'valid', engine, askedQps: 40, failed: 0, dropped: 0, highestQps: 40 })
    expect(Object.keys(result.perZone)).toEqual(['bj', 'sh'])
    expect(Object.keys(result.perKind)).toEqual(['menu', 'pay', 'place', 'position', 'show', 'user'])
    expect(result.cpuPerHop.stress).toBeGreaterThan(0)
    expect(result.k6?.agrees).toBe(engine === 'k6' ? true : undefined)
    expect(result.cpuPerHop.k6 === undefined).toBe(engine !== 'k6')
  })

  it('slower than allowed exits with 9, and has its figures all the same', async () => {
    const answer = await cli.run('stress', '--qps', '20', '--for', '3s', '--p99', '1ms', '--engine', 'builtin')
    expect([answer.exit, answer.error?.code]).toEqual([9, 'EZ_STRESS_TOO_SLOW'])
    expect((answer.data as StressResult).thresholds.map(({ held }) => held)).toEqual([false, false])
  })

  it('tells of a fault that is in force', async () => {
    await cli.run('chaos', 'run', 'latency', 'bj-sh', '--latency', '20ms', '--for', '60s')
    const faults = (await cli.run('chaos', 'status')).data as { faults: readonly { id: string; state: string }[] }
    const { result } = await stress('--for', '3s', '--engine', 'builtin')
    expect(result.faults.map(({ id }) => id)).toEqual(
      faults.faults.filter(({ state }) => state !== 'ended').map(({ id }) => id),
    )
    expect(result.faults).toHaveLength(1)
    await cli.run('chaos', 'heal')
  })

  it('that is interrupted leaves no k6 behind', async () => {
    const { child, answer } = cli.start('stress', '--qps', '20', '--for', '60s', '--engine', 'k6')
    const k6 = async () => (await markedProcesses()).filter(({ spec }) => spec === 'k6')
    await expect.poll(k6, { timeout: 20_000 }).not.toEqual([])
    child.kill('SIGINT')
    expect(await answer).toMatchObject({ exit: 130, error: { code: 'EZ_INTERRUPTED' } })
    expect(await k6()).toEqual([])
  })

  it('beside a drill stands in its report, on the same axis', async () => {
    await writeFile(join(cli.state, 'cut.yaml'), shortDrill('6s'))
    const { result } = await stress('--drill', 'cut.yaml', '--engine', 'k6')
    const page = result.drill?.report ?? ''
    const report = reportSchema.parse(JSON.parse(await readFile(join(dirname(page), 'report.json'), 'utf8')))
    expect(report.drill).toBe('cut')
    expect(report.stress?.figures).toMatchObject({ engine: 'k6', askedQps: 40, requests: result.requests })
    const seconds = report.stress?.zones.map(({ ok }) => ok.filter((count) => (count ?? 0) > 0).length) ?? []
    for (const count of seconds) expect(count).toBeGreaterThan(10)
    expect(await readFile(page, 'utf8')).toContain('id="stress"')
  })
})

it('the capacity of a testbed is kept, and the next run shows the trend', async () => {
  const flags = ['capacity', '--qps', '40', '--for', '3s', '--growth', '3', '--seed', '7']
  await cli.run(...flags)
  const { data } = await cli.run(...flags)
  const result = data as CapacityResult
  expect(result).toMatchObject({ qps: 40, growth: 3, trend: [{ testbed: 'default' }, { testbed: 'default' }] })
  expect(result.runs.map(({ askedQps }) => askedQps)).toEqual([10, 20, 30, 40])
  expect(result.machine.saturatesAtQps).toBeGreaterThan(20)
  expect(result.criticalPath).toContain('orders')
  expect(result.weakestHop).not.toBeNull()
  expect(result.zones.map(({ zone }) => zone)).toEqual(['bj', 'sh'])
})

it('on a testbed that is stopped is refused', async () => {
  await cli.run('stop')
  const { answer } = await stress('--for', '3s')
  expect([answer.exit, answer.error?.code]).toEqual([3, 'EZ_NOT_RUNNING'])
})
