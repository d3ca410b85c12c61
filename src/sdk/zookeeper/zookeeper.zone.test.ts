import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OneZookeeper } from '../../../testbed/testing/one-zookeeper.ts'
import { digestAcl, ensurePath, op, openAcl, type WatchEvent, type Zookeeper, type ZookeeperOptions } from './index.ts'

let server: OneZookeeper
let zk: Zookeeper

beforeAll(async () => {
  server = await OneZookeeper.start()
  zk = client()
  await zk.ready(AbortSignal.timeout(10_000))
})
afterAll(async () => {
  await zk?.close()
  await server?.[Symbol.asyncDispose]()
})

const client = (options?: Partial<ZookeeperOptions>) => server.client(options)

let count = 0
/** A node of the test's own. */
async function fresh(data = ''): Promise<string> {
  const path = `/test-${++count}`
  await zk.create(path, data)
  return path
}

const refused = (code: string) => expect.objectContaining({ code, outcome: 'none' })

describe('nodes', () => {
  it('hold what was written, and count their versions', async () => {
    const path = await fresh('one')
    const { data, stat } = await zk.getData(path)
    expect([data.toString(), stat.version, stat.ephemeralOwner]).toEqual(['one', 0, 0n])
    const bytes = Buffer.from([0, 255, 1, 254])
    expect((await zk.setData(path, bytes, 0)).version).toBe(1)
    expect((await zk.getData(path)).data).toEqual(bytes)
    await expect(zk.setData(path, 'late', 0)).rejects.toEqual(refused('BAD_VERSION'))
    await expect(zk.delete(path, 0)).rejects.toEqual(refused('BAD_VERSION'))
    await zk.delete(path, 1)
    expect(await zk.exists(path)).toBeNull()
    await expect(zk.getData(path)).rejects.toEqual(refused('NO_NODE'))
  })

  it('stand in a tree: parents first, children last', async () => {
    const path = await fresh()
    await expect(zk.create(`${path}/a/b`, '')).rejects.toEqual(refused('NO_NODE'))
    await ensurePath(zk, `${path}/a/b`)
    await ensurePath(zk, `${path}/a/b`)
    await zk.create(`${path}/a/ä`, '')
    expect((await zk.getChildren(`${path}/a`)).names).toEqual(['b', 'ä'])
    await expect(zk.delete(path)).rejects.toEqual(refused('NOT_EMPTY'))
    await expect(zk.create(path, '')).rejects.toEqual(refused('NODE_EXISTS'))
  })

  it('of a sequence count up', async () => {
    const path = await fresh()
    const made = await Promise.all(Array.from({ length: 50 }, () => zk.create(`${path}/n-`, '', { sequential: true })))
    expect(made.map((one) => one.path)).toEqual(made.map((_, i) => `${path}/n-${`${i}`.padStart(10, '0')}`))
  })

  it('that are ephemeral go with their session, and have no children', async () => {
    const path = await fresh()
    const other = client()
    const { stat } = await other.create(`${path}/e`, '', { mode: 'ephemeral' })
    expect(stat.ephemeralOwner).toBe(other.session?.id)
    await expect(other.create(`${path}/e/x`, '')).rejects.toEqual(refused('NO_CHILDREN_FOR_EPHEMERALS'))
    await other.close()
    await zk.sync('/')
    expect(await zk.exists(`${path}/e`)).toBeNull()
  })

  it('that are containers, or have a time to live, go by themselves', async () => {
    const path = await fresh()
    await zk.create(`${path}/container`, '', { mode: 'container' })
    await zk.create(`${path}/container/child`, '')
    await zk.create(`${path}/short`, '', { ttlMs: 1_000 })
    await zk.create(`${path}/long-`, '', { ttlMs: 3_600_000, sequential: true })
    await zk.delete(`${path}/container/child`)
    await expect
      .poll(async () => (await zk.getChildren(path)).names, { timeout: 30_000 })
      .toEqual([expect.stringMatching(/^long-/)])
  })

  it('refuse a stranger who lacks the password, whatever he asks', async () => {
    const secret = { user: 'keeper', password: 'grain of rice' }
    await using owner = client({ auth: secret })
    await using liar = client({ auth: { ...secret, password: 'wrong' } })
    const path = await fresh()
    await owner.create(`${path}/secret`, 'x', { acl: [digestAcl(secret.user, secret.password)] })
    await owner.create(`${path}/public`, 'x', {
      acl: [digestAcl(secret.user, secret.password), { ...openAcl, permissions: 1 }],
    })
    for (const stranger of [zk, liar]) {
      await expect(stranger.getData(`${path}/secret`)).rejects.toEqual(refused('NO_AUTH'))
      await expect(stranger.setData(`${path}/secret`, 'y')).rejects.toEqual(refused('NO_AUTH'))
      expect((await stranger.getData(`${path}/public`)).data.toString()).toBe('x')
      await expect(stranger.setData(`${path}/public`, 'y')).rejects.toEqual(refused('NO_AUTH'))
    }
    expect((await owner.getData(`${path}/secret`)).data.toString()).toBe('x')
    await owner.setData(`${path}/public`, 'z')
  })
})

describe('a transaction', () => {
  it('does all of it, and gives each result at its place', async () => {
    const path = await fresh('old')
    const [checked, created, set, gone] = await zk.multi([
      op.check(path, 0),
      op.create(`${path}/n-`, 'x', { sequential: true, mode: 'ephemeral' }),
      op.set(path, 'new', 0),
      op.delete(`${path}/n-0000000000`),
    ])
    expect([checked, gone]).toEqual([null, null])
    expect(created.path).toBe(`${path}/n-0000000000`)
    expect(set.version).toBe(1)
    // One transaction, one number.
    expect(created.stat.czxid).toBe(set.mzxid)
    expect((await zk.getData(path)).data.toString()).toBe('new')
  })

  it('does nothing of it when one part is refused, and says which', async () => {
    const path = await fresh('old')
    const all = zk.multi([
      op.set(path, 'new'),
      op.create(`${path}/a`, ''),
      op.check(path, 7),
      op.create(`${path}/b`, ''),
    ])
    await expect(all).rejects.toEqual(expect.objectContaining({ code: 'BAD_VERSION', index: 2, path, outcome: 'none' }))
    expect((await zk.getData(path)).data.toString()).toBe('old')
    expect((await zk.getChildren(path)).names).toEqual([])
  })

  it('is never seen half done: 8 writers that move 1 from node to node leave the sum as it was', async () => {
    const path = await fresh()
    const names = [0, 1, 2].map((i) => `${path}/${i}`)
    await zk.multi(names.map((name) => op.create(name, '100')))
    await using stack = new AsyncDisposableStack()
    const writers = Array.from({ length: 8 }, () => stack.use(client()))
    let conflicts = 0
    const move = async (writer: Zookeeper, turn: number) => {
      const [from, to] = [names[turn % 3] ?? '', names[(turn + 1) % 3] ?? '']
      const [a, b] = await Promise.all([writer.getData(from), writer.getData(to)])
      await writer
        .multi([
          op.set(from, `${Number(a.data.toString()) - 1}`, a.stat.version),
          op.set(to, `${Number(b.data.toString()) + 1}`, b.stat.version),
        ])
        .catch((error: { code?: string }) => {
          if (error.code !== 'BAD_VERSION') throw error
          conflicts++
        })
    }
    await Promise.all(
      writers.map(async (writer, own) => {
        for (let turn = 0; turn < 25; turn++) await move(writer, turn + own)
      }),
    )
    const values = await Promise.all(names.map(async (name) => Number((await zk.getData(name)).data.toString())))
    expect(values.reduce((sum, value) => sum + value)).toBe(300)
    expect(conflicts).toBeGreaterThan(0)
  })
})

describe('a watch', () => {
  it('tells of every change in its subtree, in order, each with its transaction, until it is removed', async () => {
    const path = await fresh()
    const events: WatchEvent[] = []
    const watch = await zk.addWatch(path, { recursive: true }, (event) => events.push(event))
    const { stat } = await zk.create(`${path}/a`, '')
    await zk.create(`${path}/a/b`, '')
    const set = await zk.setData(`${path}/a`, 'x')
    await zk.delete(`${path}/a/b`)
    await zk.create(`${path}x`, 'a neighbour')
    await zk.sync('/')
    expect(events.map(({ type, path: at }) => `${type} ${at.slice(path.length)}`)).toEqual([
      'created /a',
      'created /a/b',
      'changed /a',
      'deleted /a/b',
    ])
    expect([events[0]?.zxid, events[2]?.zxid]).toEqual([stat.czxid, set.mzxid])
    await watch[Symbol.asyncDispose]()
    await zk.setData(`${path}/a`, 'y')
    await zk.sync('/')
    expect(events).toHaveLength(4)
  })

  it('of one node tells of its data and its list of children, also before it is there, and beside a recursive one', async () => {
    const path = await fresh()
    const single: string[] = []
    const recursive: string[] = []
    await using _ = await zk.addWatch(`${path}/a`, { recursive: false }, ({ type }) => single.push(type))
    const other = await zk.addWatch(`${path}/a`, { recursive: true }, ({ type }) => recursive.push(type))
    await zk.create(`${path}/a`, '')
    await zk.create(`${path}/a/b`, '')
    await zk.sync('/')
    expect(single).toEqual(['created', 'children'])
    expect(recursive).toEqual(['created', 'created'])
    // Removing the one leaves the other.
    await other[Symbol.asyncDispose]()
    await zk.delete(`${path}/a/b`)
    await zk.delete(`${path}/a`)
    await zk.sync('/')
    expect(single).toEqual(['created', 'children', 'children', 'deleted'])
    expect(recursive).toHaveLength(2)
  })
})

describe('requests', () => {
  it('go out without waiting for each other, within the limit', async () => {
    const path = await fresh('x')
    await using narrow = client({ requestsInFlightMax: 4 })
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) => (i % 10 === 0 ? narrow.setData(path, `${i}`) : narrow.getData(path))),
    )
    // In order: every read sees the write before it.
    const read = answers.slice(1991).map((answer) => ('data' in answer ? answer.data.toString() : ''))
    expect(new Set(read)).toEqual(new Set(['1990']))
  })

  it('beyond what may wait are refused at once', async () => {
    await using narrow = client({ requestsInFlightMax: 1, requestsWaitingMax: 10 })
    await narrow.ready()
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => narrow.exists('/')))
    const failed = all.filter((one) => one.status === 'rejected')
    expect(failed).toHaveLength(19)
    expect(failed.every((one) => one.reason.code === 'TOO_MANY_REQUESTS')).toBe(true)
  })

  it('end with the signal of who asked, and leave the rest alone', async () => {
    const end = new AbortController()
    const given = zk.getData('/', { signal: end.signal })
    const others = [zk.exists('/'), zk.exists('/')]
    end.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    expect(await Promise.all(others)).toEqual([expect.anything(), expect.anything()])
    await expect(zk.getData('/', { signal: end.signal })).rejects.toThrow('enough')
  })

  it('of half a megabyte pass, many at once', async () => {
    const path = await fresh()
    const large = Buffer.alloc(500_000, 7)
    await Promise.all(Array.from({ length: 12 }, (_, i) => zk.create(`${path}/${i}`, large)))
    const read = await Promise.all(Array.from({ length: 12 }, (_, i) => zk.getData(`${path}/${i}`)))
    expect(read.every(({ data }) => data.equals(large))).toBe(true)
    for (let i = 0; i < 12; i++) await zk.delete(`${path}/${i}`)
  })
})

describe('a session', () => {
  it('stays while nobody asks anything, by pings', async () => {
    await using idle = client({ sessionTimeoutMs: 1_000 })
    await idle.ready()
    const before = idle.session?.id
    await sleep(2_500)
    expect(idle.session?.id).toBe(before)
    expect(idle.safeForMs).toBeGreaterThan(0)
    expect((await idle.exists('/'))?.ephemeralOwner).toBe(0n)
    expect(idle.session?.id).toBe(before)
  })

  it('is over for good when the client is closed: what waits and what comes is refused', async () => {
    const closing = client()
    await closing.ready()
    const given = Promise.allSettled(Array.from({ length: 3_000 }, () => closing.exists('/')))
    await closing.close()
    await closing.close()
    // Asked before the good-bye: answered before it.
    expect((await given).every(({ status }) => status === 'fulfilled')).toBe(true)
    await expect(closing.exists('/')).rejects.toEqual(refused('CLOSED'))
    await expect(closing.ready()).rejects.toEqual(refused('CLOSED'))
    const end = new AbortController()
    const other = client({ signal: end.signal })
    await other.ready()
    end.abort()
    await expect.poll(() => other.state).toBe('closed')
  })
})
