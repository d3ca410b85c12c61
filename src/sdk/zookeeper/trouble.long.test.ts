import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endSession } from '../../../testbed/testing/end-session.ts'
import { serveDoor } from '../../../testbed/testing/link-ground.ts'
import { ZookeeperGround } from '../../../testbed/testing/zookeeper-ground.ts'
import { type SessionEvent, watchTree, Zookeeper, type ZookeeperOptions } from './index.ts'

/** A client in Shanghai of the server in Beijing, through the link; and one beside the server. */
let ground: ZookeeperGround
let near: Zookeeper

beforeAll(async () => {
  ground = await ZookeeperGround.make([40, 41, 42], 'zookeeper')
  await ground.ground.start(ground.server('bj'))
  near = Zookeeper.connect({ servers: [ground.address('bj')] })
  await near.ready(AbortSignal.timeout(10_000))
})
afterAll(async () => {
  await near?.close()
  await ground?.[Symbol.asyncDispose]()
})

async function far(options: Partial<ZookeeperOptions> = {}) {
  const zk = Zookeeper.connect({ servers: [ground.address('bj', 'sh')], ...options })
  const events: SessionEvent['type'][] = []
  zk.onSession(({ type }) => events.push(type))
  await zk.ready(AbortSignal.timeout(10_000))
  return { zk, events }
}

let count = 0
async function fresh(data = ''): Promise<string> {
  const path = `/test-${++count}`
  await near.create(path, data)
  return path
}

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 50 })

describe('while the link is cut, for less than the session lasts', () => {
  it('reads wait and are asked again; a write on its way has an unknown outcome; ephemerals and watches stay', async () => {
    const path = await fresh('before')
    const { zk, events } = await far({ requestTimeoutMs: 15_000, sessionTimeoutMs: 12_000 })
    await using _ = zk
    const heard: string[] = []
    await zk.addWatch(path, { recursive: true }, (event) => heard.push(`${event.type} ${event.path}`))
    await zk.create(`${path}/e`, '', { mode: 'ephemeral' })
    const before = zk.session?.id

    await ground.cut('bj-sh')
    const read = zk.getData(path)
    const write = zk.setData(path, 'during').catch((error: unknown) => error)
    await near.setData(path, 'missed')
    await soon(() => zk.state).toBe('suspended')
    await ground.join('bj-sh')

    expect((await read).data.toString()).toBe('missed')
    expect(await write).toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'unknown', path })
    expect(zk.session?.id).toBe(before)
    expect((await zk.exists(`${path}/e`))?.ephemeralOwner).toBe(before)
    expect(events).toEqual(['connected', 'suspended', 'connected'])
    // What happened during the cut is not told; what happens now is.
    expect(heard).toEqual([`created ${path}/e`])
    await near.setData(path, 'after')
    await soon(() => heard).toEqual([`created ${path}/e`, `changed ${path}`])
  })

  it('a request gives up at its deadline and says what is known', async () => {
    const path = await fresh()
    const { zk } = await far()
    await using _ = zk
    await ground.cut('bj-sh')
    const sent = zk.setData(path, 'x', -1, { timeoutMs: 300 })
    await expect(sent).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT', outcome: 'unknown' })
    await soon(() => zk.state).toBe('suspended')
    const waits = zk.setData(path, 'y', -1, { timeoutMs: 300 })
    await expect(waits).rejects.toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'none' })
    await ground.join('bj-sh')
    await zk.sync('/')
    expect((await zk.getData(path)).stat.version).toBe(0)
  })
})

describe('when the session is over', () => {
  it('by a cut that lasts longer, a new one begins: watches stand again, ephemerals are gone, waiting writes are refused', async () => {
    const path = await fresh()
    const { zk, events } = await far({ sessionTimeoutMs: 2_000, requestTimeoutMs: 30_000 })
    await using _ = zk
    const heard: string[] = []
    await zk.addWatch(path, { recursive: false }, ({ type }) => heard.push(type))
    await zk.create(`${path}/e`, '', { mode: 'ephemeral' })
    const before = zk.session?.id
    await ground.cut('bj-sh')
    await soon(() => zk.safeForMs).toBeLessThan(0)
    await soon(() => zk.state).toBe('suspended')
    const write = zk.setData(path, 'for the old session').catch((error: unknown) => error)
    const read = zk.getChildren(path)
    // Unsafe comes first: nobody else can have seen the session end before this client stopped to rely on it.
    await soon(() => near.exists(`${path}/e`)).toBeNull()
    await ground.join('bj-sh')
    expect(await write).toMatchObject({ code: 'SESSION_EXPIRED', outcome: 'none' })
    expect((await read).names).toEqual([])
    expect(zk.session?.id).not.toBe(before)
    expect(events).toEqual(['connected', 'suspended', 'expired', 'connected'])
    expect(heard).toEqual(['children'])
    await near.setData(path, 'x')
    await soon(() => heard).toEqual(['children', 'changed'])
  })

  it('because somebody closed it, the same', async () => {
    const path = await fresh()
    const { zk, events } = await far()
    await using _ = zk
    const { path: own } = await zk.create(`${path}/e`, '', { mode: 'ephemeral' })
    const { session } = zk
    if (session === null) throw new TypeError('no session')
    await endSession(zk, (resume) => Zookeeper.connect({ servers: [ground.address('bj')], resume }))
    await soon(() => events.includes('expired')).toBe(true)
    await zk.ready()
    expect(zk.session?.id).not.toBe(session.id)
    expect(await zk.exists(own)).toBeNull()
  })
})

describe('a later life of a client', () => {
  it('goes on with the session and its ephemerals, if it knows the password', async () => {
    const path = await fresh()
    const { zk: first } = await far()
    await first.create(`${path}/e`, '', { mode: 'ephemeral' })
    const { session } = first
    if (session === null) throw new TypeError('no session')
    await ground.cut('bj-sh')
    await soon(() => first.state).toBe('suspended')
    const read = first.getData(path).catch((error: unknown) => error)
    // Ends without a good-bye, as kill -9 would.
    await first.close()
    expect(await read).toMatchObject({ code: 'CLOSED', outcome: 'none' })
    await using stranger = Zookeeper.connect({
      servers: [ground.address('bj')],
      resume: { id: session.id, password: Buffer.alloc(16, 1) },
    })
    await stranger.ready()
    expect(stranger.session?.id).not.toBe(session.id)
    await using second = Zookeeper.connect({ servers: [ground.address('bj')], resume: session })
    await second.ready()
    expect(second.session?.id).toBe(session.id)
    expect((await second.exists(`${path}/e`))?.ephemeralOwner).toBe(session.id)
    await ground.join('bj-sh')
  })
})

describe('a server that is killed and started again', () => {
  it('keeps session, ephemerals and what it acknowledged; the client is back by itself', async () => {
    const path = await fresh()
    const { zk, events } = await far({ requestTimeoutMs: 20_000 })
    await using _ = zk
    await zk.create(`${path}/e`, '', { mode: 'ephemeral' })
    const heard: string[] = []
    await zk.addWatch(path, { recursive: true }, ({ type }) => heard.push(type))
    const before = zk.session?.id
    await ground.ground.kill(ground.server('bj'))
    await soon(() => zk.state).toBe('suspended')
    await ground.ground.start(ground.server('bj'))
    await zk.create(`${path}/again`, '')
    expect(zk.session?.id).toBe(before)
    expect((await zk.getChildren(path)).names).toEqual(['again', 'e'])
    expect(heard).toEqual(['created'])
    expect(events).toEqual(['connected', 'suspended', 'connected'])
  })
})

describe('a slow link', () => {
  it('ends nothing: session, order and watches stay while every answer takes 1.5 s', async () => {
    const path = await fresh()
    const { zk, events } = await far()
    await using _ = zk
    await using __ = await ground.slow('bj', 'sh', { latency: 1_500, jitter: 500 })
    const heard: string[] = []
    await zk.addWatch(path, { recursive: false }, ({ type }) => heard.push(type))
    await sleep(5_000)
    const versions = await Promise.all(Array.from({ length: 20 }, (_, i) => zk.setData(path, `${i}`)))
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1))
    expect(heard).toHaveLength(20)
    expect(events).toEqual(['connected'])
  })
})

describe('whoever listens at the address of a server', () => {
  const stranger = { host: '127.43.0.9', port: 2181 }
  it.each<[string, Parameters<typeof serveDoor>[1]]>([
    ['says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
    ['talks something else', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends a frame without end', (socket) => void socket.write(Buffer.from([0, 1, 0, 0, 1]))],
    ['sends frames that make no sense', (socket) => void socket.write(Buffer.alloc(64, 0))],
  ])('and %s is left for the next', async (_, onConnection) => {
    await using door = await serveDoor(stranger, onConnection)
    await using zk = Zookeeper.connect({ servers: [stranger, ground.address('bj')], sessionTimeoutMs: 4_000 })
    await zk.ready(AbortSignal.timeout(15_000))
    expect(zk.session?.server).toEqual(ground.address('bj'))
    expect(door.sockets.size).toBeLessThanOrEqual(1)
  })

  it('as nobody, none of them: requests are refused at their deadline, and closing does not wait', async () => {
    const zk = Zookeeper.connect({ servers: [stranger] })
    await expect(zk.getData('/', { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'CONNECTION_LOSS',
      outcome: 'none',
    })
    await expect(zk.ready(AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
    const closed = once(AbortSignal.timeout(500), 'abort').then(() => 'late')
    expect(await Promise.race([zk.close().then(() => 'closed'), closed])).toBe('closed')
  })
})

describe('a watched tree', () => {
  it('is right after every cut, whatever was changed meanwhile', async () => {
    const root = await fresh()
    const { zk } = await far({ sessionTimeoutMs: 2_000 })
    await using _ = zk
    let seen: Readonly<Record<string, string>> = {}
    await using tree = watchTree(zk, root, (now) => {
      seen = Object.fromEntries([...now].map(([path, { data }]) => [path.slice(root.length), data.toString()]))
    })
    const truth: Record<string, string> = { '': '' }
    const change = async (round: number, step: number) => {
      const name = `/n${(round * 7 + step * 3) % 10}`
      if (truth[name] === undefined) await near.create(root + name, `${round}.${step}`)
      else if (step % 3 === 0) await near.delete(root + name)
      else await near.setData(root + name, `${round}.${step}`)
      if (truth[name] !== undefined && step % 3 === 0) delete truth[name]
      else truth[name] = `${round}.${step}`
    }
    for (let round = 0; round < 5; round++) {
      await ground.cut('bj-sh')
      for (let step = 0; step < 12; step++) await change(round, step)
      await soon(() => zk.state).toBe('suspended')
      // Every other cut outlives the session.
      await sleep(round % 2 === 0 ? 0 : 2_500)
      await ground.join('bj-sh')
      for (let step = 0; step < 3; step++) await change(round, step)
      await soon(() => seen).toEqual(truth)
      await soon(() => tree.upToDate).toBe(true)
    }
  })
})
