import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { Cli, type Followed, killNow } from '../testing/cli.ts'
import type { DevServiceStatus, Status } from './status.ts'

const soon = { timeout: 30_000, interval: 50 }
const shanghai = 'geo=31.23,121.47'
const beijing = 'geo=39.90,116.40'
const greeter = join(packageRoot, 'examples', 'python-service')

let cli: Cli
/** The project of a service with a table, outside of this repository, with the SDK installed. */
let notes: string

beforeAll(async () => {
  cli = await Cli.open()
  notes = join(cli.state, '..', 'notes')
  await cp(join(packageRoot, 'testbed', 'testing', 'notes-service'), notes, { recursive: true })
  await mkdir(join(notes, 'node_modules', '@ezone'), { recursive: true })
  await symlink(join(packageRoot, 'src', 'sdk'), join(notes, 'node_modules', '@ezone', 'sdk'))
  expect((await cli.up()).error).toBeNull()
  await cli.watch()
})
afterAll(() => cli?.[Symbol.asyncDispose]())

/** Until it serves in every zone and a router was asked, or it has ended. */
async function reached(dev: Followed): Promise<string> {
  const ended = dev.ended.then((exit) => `ended with ${exit}: ${dev.words.join('')}`)
  const ways = vi.waitFor(() => {
    const found = dev.events.filter(({ type, answered }) => type === 'reachable' && answered === 200)
    expect(found).toHaveLength(2)
    return String(found[0]?.url)
  }, soon)
  return Promise.race([ways, ended])
}
const status = async () => (await cli.run('status')).data as Status
const developed = async (): Promise<readonly DevServiceStatus[]> => (await status()).dev ?? []
const end = (dev: Followed) => {
  dev.child.kill('SIGINT')
  return dev.ended
}
async function ask(url: string, tag: string, key?: string, text?: string) {
  const headers = { 'x-ezone-tag': tag, ...(key !== undefined && { 'idempotency-key': key }) }
  const init = key === undefined ? {} : { method: 'POST', body: JSON.stringify({ text }) }
  const response = await fetch(url, { headers, ...init })
  const body = (await response.json()) as Record<string, unknown> & { readonly error?: { readonly code: string } }
  return { status: response.status, body }
}

describe('a service in another language', () => {
  it('is registered for it, and reached in both zones through the router; nothing of it stays', async () => {
    const dev = cli.follow('dev', greeter)
    const url = await reached(dev)
    for (const [tag, zone] of [
      [shanghai, 'sh'],
      [beijing, 'bj'],
    ] as const)
      expect(await ask(`${url}greet`, tag, 'k', 'hello')).toMatchObject({ status: 200, body: { zone, hops: 1 } })
    expect(await ask(`${url}nothing`, shanghai)).toMatchObject({ status: 404, body: { error: {} } })

    expect(await developed()).toMatchObject([
      { name: 'greeter', place: 'bj' },
      { name: 'greeter', place: 'sh' },
    ])
    expect(await cli.run('links', 'audit')).toMatchObject({ error: null, data: { bypasses: [], unknown: [] } })
    const twice = await cli.run('dev', greeter)
    expect(twice).toMatchObject({ exit: 6, error: { code: 'EZ_DEV_RUNNING' } })
    expect(twice.error?.message).toContain(`pid ${dev.child.pid}`)

    expect(await end(dev), dev.words.join('')).toBe(0)
    expect(await developed()).toEqual([])
    expect(await readdir(join(cli.folder(), 'dev'))).toEqual([])
    expect((await status()).state).toBe('ready')
    const code = (await ask(`${url}greet`, shanghai)).body.error?.code
    expect(['EZ_ZONE_UNREACHABLE', 'EZ_NO_INSTANCE']).toContain(code)
  })
})

/** The table as `drc verify` finds it, where all tables are equal. */
async function compared(): Promise<unknown> {
  const { equal, tables } = (await cli.run('drc', 'verify')).data as {
    equal: boolean
    tables: readonly { name: string }[]
  }
  return equal && tables.find(({ name }) => name === 'notes.note')
}

describe('a service with a table', () => {
  let dev: Followed
  let url: string
  beforeAll(async () => {
    dev = cli.follow('dev', notes)
    url = await reached(dev)
  })
  const of = (type: string) => dev.events.filter((event) => event.type === type)
  const save = async (from: string, to: string) => {
    const file = join(notes, 'main.ts')
    const text = await readFile(file, 'utf8')
    expect(text).toContain(from)
    await writeFile(file, text.replace(from, to))
  }

  it('writes what the database lets it; the replication carries it, and is compared', async () => {
    expect(of('warning')).toEqual([])
    const placed = await ask(`${url}notes`, shanghai, 'note-1', 'hello')
    expect(placed).toMatchObject({ status: 201, body: { noteId: 'note-1', zone: 'sh', edition: 'first' } })
    expect(await ask(`${url}notes`, shanghai, 'note-1', 'again')).toMatchObject({
      status: 200,
      body: { text: 'hello' },
    })
    expect((await ask(`${url}notes`, beijing, 'note-2', 'hi')).body.zone).toBe('bj')
    // What was written a moment ago is below no watermark yet.
    await expect.poll(compared, soon).toMatchObject({ rows: { bj: 2, sh: 2 }, differing: 0 })
  })

  it('is there again as it was saved, one zone after the other; nobody who asks notices', async () => {
    const failed: unknown[] = []
    const asking = { on: true, asked: 0 }
    const load = (async () => {
      for (let i = 0; asking.on; i++, asking.asked++) {
        const tag = i % 2 === 0 ? shanghai : beijing
        const answer = await ask(`${url}notes`, tag, `load-${i}`, 'x')
        if (answer.status !== 201) failed.push(answer)
        await sleep(5)
      }
    })()
    await save("edition = 'first'", "edition = 'second'")
    await vi.waitFor(() => expect(of('serving')).toHaveLength(4), soon)
    await sleep(500)
    asking.on = false
    await load
    expect(failed).toEqual([])
    expect(asking.asked).toBeGreaterThan(50)
    for (const tag of [shanghai, beijing])
      expect(await ask(`${url}notes`, tag, `second-${tag.length}`, 'x')).toMatchObject({ body: { edition: 'second' } })
  })

  it('that was broken by a change goes on as it was, and says what is wrong', async () => {
    await save("edition = 'second'", "edition = 'third'\nthrow new Error('not yet')")
    await vi.waitFor(() => expect(of('kept')).toHaveLength(1), soon)
    expect(of('kept')[0]).toMatchObject({ serving: true, why: expect.stringMatching(/exit 1[\s\S]*not yet/) })
    const during = { on: shanghai, key: 'kept-1' }
    expect((await ask(`${url}notes`, during.on, during.key, 'x')).body.edition).toBe('second')
    await save("edition = 'third'\nthrow new Error('not yet')", "edition = 'third'")
    await vi.waitFor(() => expect(of('serving')).toHaveLength(6), soon)
  })

  it('that ends by itself is started again', async () => {
    // Before that a call may come to the one that is just being replaced.
    await expect.poll(developed, soon).toHaveLength(2)
    await ask(`${url}crash`, shanghai, 'c').catch(() => undefined)
    await vi.waitFor(() => expect(of('serving')).toHaveLength(7), soon)
    expect(of('crashed')).toMatchObject([{ zone: 'sh', exit: 3, againInMs: 500 }])
    await expect.poll(async () => (await ask(`${url}notes`, shanghai, 'after', 'x')).status, soon).toBe(201)
  })

  it('whose `ezone dev` was killed is ended by the next one', async () => {
    const before = await developed()
    expect(before).toHaveLength(2)
    killNow(dev.child.pid)
    await dev.ended
    dev = cli.follow('dev', notes, '--zone', 'sh')
    await vi.waitFor(() => expect(of('serving')).toHaveLength(1), soon)
    const now = await developed()
    expect(now).toMatchObject([{ name: 'notes', place: 'sh' }])
    expect(before.map(({ pid }) => pid)).not.toContain(now[0]?.pid)
    await end(dev)
  })

  it('whose testbed is taken down goes with it, also where `ezone dev` had been killed', async () => {
    dev = cli.follow('dev', notes)
    await reached(dev)
    const orphaned = cli.follow('dev', greeter)
    await reached(orphaned)
    killNow(orphaned.child.pid)
    await orphaned.ended
    expect(await cli.run('down')).toMatchObject({ exit: 0 })
    expect(await dev.ended).toBe(3)
    expect(dev.words.join('')).toContain('EZ_NO_TESTBED')
    expect(await cli.leaks()).toEqual([])
  })
})
