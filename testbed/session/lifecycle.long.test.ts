import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Credentials } from '../stores/credentials.ts'
import { type Answer, Cli, killNow } from '../testing/cli.ts'
import type { Status } from './status.ts'

const statusIn = (answer: Answer) => answer.data as unknown as Status & { operations: number }
const servers = (status: Status) =>
  status.places.flatMap((p) => [...p.servers, ...p.services].map((s) => ({ place: p.name, ...s })))

describe('a testbed from its first start to its end', () => {
  let cli: Cli
  beforeAll(async () => {
    cli = await Cli.open()
  })
  afterAll(() => cli[Symbol.asyncDispose]())

  const sql = async (place: string, statement: string) => {
    const { mysql } = JSON.parse(await readFile(join(cli.folder(), 'credentials.json'), 'utf8')) as Credentials
    const status = statusIn(await cli.run('status'))
    const [host = '', port] =
      servers(status)
        .find((s) => s.place === place && s.name === 'mysql')
        ?.address.split(':') ?? []
    await using connection = await createConnection({ host, port: Number(port), ...mysql.root })
    return (await connection.query(statement))[0]
  }

  it('starts by one command and ends ready, with every server running', async () => {
    const up = await cli.up()
    expect(up.error).toBeNull()
    await cli.watch()
    expect(statusIn(up).state).toBe('ready')
    expect(servers(statusIn(up)).filter((s) => s.state !== 'running')).toEqual([])
  })

  it('finds nothing to do the second time', async () => {
    expect(statusIn(await cli.up()).operations).toBe(0)
  })

  it('keeps its data over stop and start', async () => {
    await sql('sh', 'CREATE DATABASE kept')
    await sql('sh', 'CREATE TABLE kept.t (id INT PRIMARY KEY)')
    await sql('sh', 'INSERT INTO kept.t VALUES (42)')
    expect(statusIn(await cli.run('stop')).state).toBe('stopped')
    expect((await cli.run('status')).data).toMatchObject({ state: 'stopped', agent: null })
    expect(statusIn(await cli.run('start')).state).toBe('ready')
    expect(await sql('sh', 'SELECT id FROM kept.t')).toEqual([{ id: 42 }])
  })

  it('goes on without its agent, says so, and takes up a new one', async () => {
    const { agent } = statusIn(await cli.run('status'))
    killNow(agent)
    await sleep(100)
    expect((await cli.run('status')).data).toMatchObject({ state: 'ready', agent: null })
    const up = await cli.up()
    expect(up.data).toMatchObject({ state: 'ready', operations: 0 })
    expect(statusIn(up).agent).not.toBe(agent)
  })

  it('shows a testbed of which a server was killed as degraded, and `up` starts that one alone', async () => {
    const redis = servers(statusIn(await cli.run('status'))).find((s) => s.place === 'bj' && s.name === 'redis')
    await cli.kill(redis ?? { pid: null, container: null })
    await sleep(200)
    expect((await cli.run('status')).data).toMatchObject({ state: 'degraded' })
    const { ops } = (await cli.run('plan')).data as unknown as { ops: readonly { op: string; target: string }[] }
    expect(ops.filter((op) => op.op === 'start').map((op) => op.target)).toEqual(['bj/redis'])
    expect(statusIn(await cli.up()).state).toBe('ready')
  })

  it('empties its data on reset and keeps its addresses', async () => {
    const before = servers(statusIn(await cli.run('status'))).map((s) => s.address)
    const reset = await cli.run('reset')
    expect(servers(statusIn(reset)).map((s) => s.address)).toEqual(before)
    await expect(sql('sh', 'SELECT id FROM kept.t')).rejects.toThrow(/doesn't exist|Unknown database/)
  })

  it("names the last lines of the server that died at start, and nobody else's", async () => {
    await cli.run('stop')
    const data = join(cli.folder(), 'data', 'sh', 'mysql')
    await writeFile(join(data, 'mysql', 'ibdata1'), 'not a tablespace')
    const start = await cli.run('start')
    expect(start.exit).toBe(5)
    expect(start.error?.code).toBe('EZ_SERVER_DIED')
    expect(start.error?.message).toMatch(/^sh\/mysql ended while it was starting; its last lines:\n[\s\S]*ibdata1/)
    expect((await cli.run('status')).data).toMatchObject({ state: 'stopped' })
  })

  it('leaves nothing after `down`', async () => {
    expect((await cli.run('down')).error).toBeNull()
    expect(await cli.leaks()).toEqual([])
    expect((await cli.run('status')).exit).toBe(3)
  })
})

describe('an `up` that is disturbed', () => {
  it('is undone by Ctrl-C, at whatever moment it comes, and leaves nothing', async () => {
    await using cli = await Cli.open()
    for (const afterMs of [300, 1_500, 3_500]) {
      const { child, answer } = cli.startUp()
      await sleep(afterMs)
      // Its blocks are watched as soon as they are chosen; at the first moment there may be none yet.
      await cli.watch().catch(() => undefined)
      child.kill('SIGINT')
      expect((await answer).exit).toBe(130)
      expect(await cli.leaks(), `interrupted after ${afterMs} ms`).toEqual([])
    }
  })

  it('goes on when its CLI is killed, and `down` ends it', async () => {
    await using cli = await Cli.open()
    const { child, answer } = cli.startUp()
    await sleep(2_000)
    child.kill('SIGKILL')
    expect((await answer).exit).toBe(137)
    await cli.watch()
    expect((await cli.run('down')).error).toBeNull()
    expect(await cli.leaks()).toEqual([])
  })

  it('tells the truth when its agent is killed, and the next `up` finishes it', async () => {
    await using cli = await Cli.open()
    const { answer } = cli.startUp()
    await sleep(2_500)
    const { agent } = statusIn(await cli.run('status'))
    killNow(agent)
    expect((await answer).error?.code).toMatch(/EZ_CANCELLED|EZ_NOT_RUNNING/)
    // Whatever runs by now, nobody has seen it serve.
    expect(['degraded', 'stopped']).toContain(statusIn(await cli.run('status')).state)
    const up = statusIn(await cli.up())
    expect(up).toMatchObject({ state: 'ready', links: [{ state: 'open' }, { state: 'open' }, { state: 'open' }] })
    expect(up.operations).toBeGreaterThan(0)
    await cli.watch()
    await cli.run('down')
    expect(await cli.leaks()).toEqual([])
  })

  it('is refused to a second one while it is at work, and cancelled by `down`', async () => {
    await using cli = await Cli.open()
    const first = cli.startUp()
    await sleep(2_000)
    expect(await cli.up()).toMatchObject({ exit: 6, error: { code: 'EZ_BUSY' } })
    expect((await cli.run('down')).error).toBeNull()
    expect(await first.answer).toMatchObject({ exit: 6, error: { code: 'EZ_CANCELLED' } })
    expect(await cli.leaks()).toEqual([])
  })

  it('names the process that holds a port on every address', async () => {
    await using cli = await Cli.open()
    await writeFile(join(cli.state, 'ezone.yaml'), 'ports:\n  redis: 16379\n')
    const server = createServer().listen(16379, '0.0.0.0')
    try {
      const up = await cli.up()
      expect(up).toMatchObject({ exit: 6, error: { code: 'EZ_PORT_TAKEN' } })
      expect(up.error?.message).toContain(`(pid ${process.pid})`)
    } finally {
      server.close()
    }
  })
})

describe('what is wrong around a testbed', () => {
  it('is refused when the topology file asks for another testbed than the one there is', async () => {
    await using cli = await Cli.open()
    const { child, answer } = cli.startUp()
    await sleep(1_000)
    child.kill('SIGKILL')
    await answer
    await writeFile(join(cli.state, 'ezone.yaml'), 'rttMs:\n  zones: 40\n')
    const up = await cli.up()
    expect(up).toMatchObject({ exit: 6, error: { code: 'EZ_OTHER_TOPOLOGY' } })
    expect(up.error?.message).toContain('rttMs')
  })

  it('is told when the state folder is none, and nothing is made elsewhere', async () => {
    await using cli = await Cli.open()
    await writeFile(join(cli.state, 'testbeds'), 'a file where a folder should be')
    expect(await cli.up()).toMatchObject({ exit: 4, error: { code: 'EZ_STATE_UNREADABLE' } })
    expect(await cli.leaks()).toEqual([])
    await rm(join(cli.state, 'testbeds'))
  })

  it('is told when the machine was booted since: the servers are gone, the data is not', async () => {
    await using cli = await Cli.open()
    await cli.up()
    await cli.watch()
    await cli.run('stop')
    const path = join(cli.folder(), 'testbed.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"bootId": "[^"]+"/, '"bootId": "of-yesterday"'))
    expect((await cli.run('status')).data).toMatchObject({ state: 'stopped', rebooted: true })
    expect(statusIn(await cli.run('start')).state).toBe('ready')
    expect((await cli.run('status')).data).toMatchObject({ rebooted: false })
  })

  it('is told when the record cannot be read, and `down` removes the testbed all the same', async () => {
    await using cli = await Cli.open()
    const { child, answer } = cli.startUp()
    await sleep(2_500)
    child.kill('SIGKILL')
    await answer
    await cli.watch()
    await writeFile(join(cli.folder(), 'testbed.json'), '{"format": 1')
    expect(await cli.run('status')).toMatchObject({ exit: 4, error: { code: 'EZ_STATE_UNREADABLE' } })
    await writeFile(join(cli.folder(), 'testbed.json'), '{"format": 0}')
    expect(await cli.up()).toMatchObject({ exit: 6, error: { code: 'EZ_OTHER_VERSION' } })
    expect((await cli.run('down')).error).toBeNull()
    expect(await cli.leaks()).toEqual([])
  })
})
