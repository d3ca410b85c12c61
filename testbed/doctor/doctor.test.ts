import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '@ezone/sdk/clock'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { marks } from '../surroundings/processes.ts'
import { cacheWithJarSet, temporaryFolder } from '../testing/jar-set.ts'
import { type Check, diagnose } from './check.ts'
import { checks } from './checks.ts'
import { disk, programs, writable } from './folders.ts'
import { clockCheck, limitsFinding, memoryFinding, watches } from './machine.ts'
import { proxy } from './network.ts'
import { cache, docker, servers } from './servers.ts'
import { strays, testbeds } from './testbeds.ts'

const signal = AbortSignal.timeout(30_000)
const run = (check: Check) => check.run(signal)

afterEach(() => {
  vi.unstubAllEnvs()
})

/** What is wrong is said with where it comes from and what to do; what is well needs neither. */
function expectExplained(finding: Awaited<ReturnType<Check['run']>>, status: 'problem' | 'warning', text: RegExp) {
  expect(finding).toMatchObject({ status, text: expect.stringMatching(text) })
  expect(finding.cause, 'the cause').toMatch(/\w{3}/)
  expect(finding.fix, 'the next step').toMatch(/\w{3}/)
}

describe('the doctor finds, with cause and next step,', () => {
  it.each(['EZONE_STATE_DIR', 'EZONE_CACHE_DIR'])('a folder that cannot be written: %s', async (variable) => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    vi.stubEnv(variable, join(folder.path, 'file', 'ezone'))
    expectExplained(await run(writable), 'problem', /file\/ezone cannot be written/)
    expect((await run(writable)).fix).toContain(variable)
  })

  it('a disk without room', async () => {
    // A file system that has none, on every Linux.
    vi.stubEnv('EZONE_STATE_DIR', '/proc')
    expectExplained(await run(disk), 'problem', /^0 B free for \/proc/)
  })

  it('a clock that jumps, and one before the first id', async () => {
    let asked = 0
    const jumping: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + 4_000 * asked++ }
    expectExplained(await run(clockCheck(jumping)), 'warning', /jumped by (39|40)\d\d ms/)
    const early: Clock = { ...systemClock, nowMs: () => systemClock.monotonicMs() }
    expectExplained(await run(clockCheck(early)), 'problem', /^it is 1970-01-01T/)
  })

  it('servers that are not here and cannot be fetched', async () => {
    await using folder = await temporaryFolder()
    vi.stubEnv('EZONE_CACHE_DIR', folder.path)
    vi.stubEnv('PATH', folder.path)
    const found = await run(servers)
    expectExplained(found, 'problem', /neither here nor to be had: mysql, redis, java, kafka, zookeeper, toxiproxy/)
    expect(found.cause).toMatch(/mysql: no apt-get on PATH; .*kafka: no mvn on PATH; .*toxiproxy: no go on PATH/)
  })

  it('a server in the cache that was damaged', async () => {
    await using folder = await temporaryFolder()
    vi.stubEnv('EZONE_CACHE_DIR', folder.path)
    const { entry } = await cacheWithJarSet(folder.path)
    expect(await run(cache)).toEqual({ status: 'ok', text: 'nothing in it is damaged' })
    await appendFile(join(entry.root, 'lib', 'zookeeper-3.9.5.jar'), 'x')
    expectExplained(await run(cache), 'problem', /damaged: zookeeper \(.*zookeeper-3\.9\.5\.jar/)
  })

  it('an engine that was asked for and does not answer', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere.sock')
    const found = await run(docker)
    expectExplained(found, 'warning', /no Docker engine answers/)
    expect(found.cause).toContain('unix:///nowhere.sock')
  })

  it('a proxy that other tools would ask for a testbed', async () => {
    vi.stubEnv('http_proxy', 'http://proxy.test:3128')
    vi.stubEnv('no_proxy', 'localhost,.example.test')
    vi.stubEnv('NO_PROXY', '')
    expectExplained(await run(proxy), 'warning', /http_proxy is set, and no_proxy does not name 127/)
    vi.stubEnv('no_proxy', 'localhost,127.0.0.0/8')
    expect((await run(proxy)).status).toBe('ok')
  })

  it('a testbed that cannot be read', async () => {
    await using folder = await temporaryFolder()
    vi.stubEnv('EZONE_STATE_DIR', folder.path)
    expect(await run(testbeds)).toEqual({ status: 'ok', text: 'none' })
    await mkdir(join(folder.path, 'testbeds', 'half'), { recursive: true })
    expectExplained(await run(testbeds), 'problem', /^half is unreadable$/)
    expect((await run(testbeds)).fix).toBe('ezone down --name half')
  })

  it('a process that outlived its testbed', async () => {
    await using folder = await temporaryFolder()
    const gone = join(folder.path, 'gone')
    await mkdir(gone)
    const env = { ...process.env, [marks.testbed]: 'somebody', [marks.spec]: 'sh/mysql' }
    const child = spawn('sleep', ['60'], { cwd: gone, env, detached: true, stdio: 'ignore' })
    const ended = once(child, 'close')
    try {
      await once(child, 'spawn')
      expect((await run(strays)).text).not.toContain(`pid ${child.pid}`)
      await rm(gone, { recursive: true })
      expectExplained(await run(strays), 'problem', new RegExp(`sh/mysql \\(pid ${child.pid}\\)`))
      expect((await run(strays)).fix).toContain(String(child.pid))
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })
})

describe('the doctor judges', () => {
  const meminfo = (gib: number) => `MemTotal: 99999999 kB\nMemAvailable:   ${gib * 1024 ** 2} kB\n`
  const gib = (n: number) => String(n * 1024 ** 3)

  it.each([
    [meminfo(8), '', '', 'ok', /8\.0 GiB/],
    [meminfo(2), '', '', 'warning', /2\.0 GiB/],
    [meminfo(1), '', '', 'problem', /1\.0 GiB/],
    [meminfo(8), 'max\n', '1', 'ok', /8\.0 GiB/],
    [meminfo(8), gib(4), gib(2), 'warning', /2\.0 GiB/],
    [meminfo(8), gib(2), gib(1), 'problem', /1\.0 GiB/],
    [meminfo(8), gib(1), gib(2), 'problem', /^0 B/],
  ] as const)('memory: %j, %j of which %j is taken', (info, limit, used, status, text) => {
    const found = memoryFinding(info, limit, used)
    if (status === 'ok') expect(found).toMatchObject({ status, text: expect.stringMatching(text) })
    else expectExplained(found, status, text)
  })

  const own = (files: string, threads: string) =>
    `Limit    Soft Limit    Hard Limit    Units\nMax processes  1  ${threads}  processes\nMax open files   1024   ${files}   files\n`

  it.each([
    [own('unlimited', 'unlimited'), 'max', '7', 'ok', /enough/],
    [own('1024', 'unlimited'), 'max', '7', 'problem', /1024 files/],
    [own('524288', '2000'), 'max', '7', 'warning', /2000 processes/],
    [own('524288', 'unlimited'), '512', '100', 'warning', /412 processes/],
    ['', '', '', 'ok', /enough/],
  ] as const)('limits: %j, %j of which %j are there', (text, most, used, status, says) => {
    const found = limitsFinding(text, most, used)
    if (status === 'ok') expect(found).toMatchObject({ status, text: expect.stringMatching(says) })
    else expectExplained(found, status, says)
  })

  it('a machine by all that it checks, and a check that breaks is a finding too', async () => {
    const broken: Check = { name: 'broken', run: async () => Promise.reject(new Error('x')) }
    const found = await diagnose([watches, programs, broken], signal)
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['file watches', 'ok'],
      ['programs', 'ok'],
      ['broken', 'problem'],
    ])
  })

  it('more than ten troubles, each once', () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length)
    expect(checks.length).toBeGreaterThan(10)
  })
})
