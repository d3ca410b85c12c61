import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answersPings, groundBlueprint, LinkGround, serveDoor, serveRedis, until } from '../testing/link-ground.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { ToxiproxyControl } from './control.ts'
import { measure } from './measure.ts'
import { pathsOf } from './paths.ts'

const password = 'a-password-of-16-chars'
const blueprint = groundBlueprint({
  places: { bj: 140, sh: 141, edge: 142 },
  rttMs: 30,
  doors: ['bj', 'sh', 'edge'].map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
})
const doorOf = (place: string) => addressOf(blueprint, place)
const listenerOf = (from: string, to: string) => {
  const proxy = blueprint.links.flatMap((link) => link.proxies).find((p) => p.from === from && p.to === to)
  if (proxy === undefined) throw new TypeError(`${from}>${to}`)
  return proxy.listen
}
const soon = () => AbortSignal.timeout(30_000)
const control = () => {
  const door = blueprint.specs.find((spec) => spec.id === 'bj-sh/toxiproxy')?.ports[0]
  if (door === undefined) throw new TypeError('no control port')
  return new ToxiproxyControl(door.host)
}

let ground: LinkGround
beforeAll(async () => {
  ground = await LinkGround.start(blueprint)
  await Promise.all([...ground.drivers.values()].map((driver) => driver.raise(soon())))
})
afterAll(async () => ground[Symbol.asyncDispose]())

describe('a raised link', () => {
  it('takes the round trip it was asked for, and a place none, on real Redis with a password', async () => {
    await using _bj = await serveRedis(doorOf('bj'), password)
    await using _sh = await serveRedis(doorOf('sh'), password)
    const paths = pathsOf(blueprint).filter((path) => path.from !== 'edge' && path.to !== 'edge')
    const look = () => measure(paths, { credentialsOf: () => ({ password }), clock: systemClock, signal: soon() })
    let measured = await look()
    // No answer may ever come early. Late it may be while the machine does other things: then it is looked at again.
    for (let again = 0; again < 20 && measured.paths.some((path) => path.judgement === 'slow'); again++) {
      for (const { link, p50Ms } of measured.paths) expect(p50Ms).toBeGreaterThanOrEqual(link === null ? 0 : 30)
      measured = await look()
    }
    for (const { link, p50Ms, samples } of measured.paths) {
      expect(samples).toBe(10)
      expect(p50Ms).toBeGreaterThanOrEqual(link === null ? 0 : 30)
      expect(p50Ms).toBeLessThanOrEqual(link === null ? 1 : 33)
    }
    expect(measured.paths.map((path) => path.judgement)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  it('has a path without an answer measured as unknown, with the reason', async () => {
    const paths = pathsOf(blueprint).filter((path) => path.target === 'sh/redis')
    const measured = await measure(paths, {
      credentialsOf: () => ({}),
      clock: systemClock,
      signal: soon(),
      deadlineMs: 300,
    })
    for (const path of measured.paths) {
      expect(path).toMatchObject({ p50Ms: null, p99Ms: null, judgement: 'unknown' })
      expect(path.error).toBeTypeOf('string')
    }
  })

  it('is changed by nothing when it is raised again', async () => {
    const before = await control().list(soon())
    await ground.driver('bj-sh').raise(soon())
    expect(await control().list(soon())).toEqual(before)
  })

  it('keeps its connections when it is raised again', async () => {
    await using _ = await serveDoor(doorOf('sh'), echo)
    const client = await dial(listenerOf('bj', 'sh'))
    await ground.driver('bj-sh').raise(soon())
    expect(await answerTo(client, 'still here')).toBe('still here')
    client.destroy()
  })

  it('gets everything again after its Toxiproxy was killed, cuts in force included', async () => {
    const driver = ground.driver('bj-sh')
    await driver.cut({ id: 'f1', direction: { from: 'bj', to: 'sh' } }, soon())
    await ground.restart('bj-sh/toxiproxy')
    expect((await driver.state(soon())).state).toBe('unknown')
    await driver.raise(soon())
    expect(await driver.state(soon())).toEqual({ state: 'cut bj:sh', faults: ['f1'], why: null })
    await driver.join('f1', soon())
    expect(await driver.state(soon())).toEqual({ state: 'open', faults: [], why: null })
  })

  it('loses proxies that are not its own, and repairs those that somebody changed', async () => {
    const proxy = 'bj>sh.redis.client'
    await control().create({ name: 'stranger', listen: '127.140.141.77:7777', upstream: '127.141.0.1:1' }, soon())
    await control().removeToxic(proxy, 'base.latency.upstream', soon())
    await control().setEnabled('sh>bj.redis.client', false, soon())
    expect((await ground.driver('bj-sh').state(soon())).state).toBe('unknown')
    await ground.driver('bj-sh').raise(soon())
    expect((await ground.driver('bj-sh').state(soon())).state).toBe('open')
    expect([...(await control().list(soon())).keys()]).not.toContain('stranger')
  })
})

describe('a cut', () => {
  it('one way lets every byte of the other way through, whoever dialled', async () => {
    const heard = { bj: '', sh: '' }
    const listen = (place: 'bj' | 'sh') => (socket: Socket) => {
      socket.setNoDelay().on('data', (chunk) => {
        heard[place] += chunk
      })
    }
    await using bj = await serveDoor(doorOf('bj'), listen('bj'))
    await using sh = await serveDoor(doorOf('sh'), listen('sh'))
    const [inBj, inSh] = await Promise.all([dial(listenerOf('bj', 'sh')), dial(listenerOf('sh', 'bj'))])
    await until(() => bj.sockets.size === 1 && sh.sockets.size === 1, 2_000)
    const [serverInSh, serverInBj] = [[...sh.sockets][0], [...bj.sockets][0]]
    const got = { inBj: '', inSh: '' }
    inBj.on('data', (chunk) => (got.inBj += chunk))
    inSh.on('data', (chunk) => (got.inSh += chunk))

    await ground.driver('bj-sh').cut({ id: 'f2', direction: { from: 'bj', to: 'sh' } }, soon())
    // From sh to bj: the answers of sh's server, and the requests of sh's client.
    serverInSh?.write('answer of sh')
    inSh.write('request of sh')
    // From bj to sh: the requests of bj's client, and the answers of bj's server.
    inBj.write('request of bj')
    serverInBj?.write('answer of bj')
    await until(() => got.inBj === 'answer of sh' && heard.bj === 'request of sh', 2_000)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect({ heard, got }).toEqual({ heard: { bj: 'request of sh', sh: '' }, got: { inBj: 'answer of sh', inSh: '' } })

    await ground.driver('bj-sh').join('f2', soon())
    inBj.destroy()
    inSh.destroy()
  })

  it('swallows what new connections send, too', async () => {
    await using _ = await serveDoor(doorOf('sh'), answersPings)
    await ground.driver('bj-sh').cut({ id: 'f3', direction: null }, soon())
    const client = await dial(listenerOf('bj', 'sh'))
    await expect(answerTo(client, '*1\r\n$4\r\nPING\r\n', 300)).rejects.toThrow('silent')
    await ground.driver('bj-sh').join('f3', soon())
  })

  it('on top of another ends by itself and leaves the other', async () => {
    const driver = ground.driver('bj-sh')
    await driver.cut({ id: 'f4', direction: { from: 'bj', to: 'sh' } }, soon())
    await driver.cut({ id: 'f5', direction: null }, soon())
    expect((await driver.state(soon())).state).toBe('cut')
    await driver.join('f5', soon())
    expect(await driver.state(soon())).toEqual({ state: 'cut bj:sh', faults: ['f4'], why: null })
    await driver.join('f4', soon())
    expect((await driver.state(soon())).state).toBe('open')
  })

  it('of one link leaves the others alone', async () => {
    await using _ = await serveDoor(doorOf('edge'), echo)
    await ground.driver('bj-sh').cut({ id: 'f6', direction: null }, soon())
    const client = await dial(listenerOf('bj', 'edge'))
    expect(await answerTo(client, 'by the edge')).toBe('by the edge')
    client.destroy()
    await ground.driver('bj-sh').join('f6', soon())
  })

  it('that is there already, and a join of what is not there, change nothing', async () => {
    const driver = ground.driver('bj-sh')
    await driver.cut({ id: 'f7', direction: null }, soon())
    await driver.cut({ id: 'f7', direction: null }, soon())
    expect((await driver.state(soon())).faults).toEqual(['f7'])
    await driver.join('f7', soon())
    await driver.join('f7', soon())
    expect((await driver.state(soon())).state).toBe('open')
  })
})

function addressOf({ specs }: Blueprint, place: string) {
  const port = specs.find((spec) => spec.id === `${place}/redis`)?.ports[0]
  if (port === undefined) throw new TypeError(place)
  return port.host
}

const echo = (socket: Socket): void => void socket.setNoDelay().on('data', (chunk) => socket.write(chunk))

async function dial({ host, port }: { host: string; port: number }): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')
  // A cut that ends closes what lived through it.
  socket.on('error', () => undefined)
  return socket
}

async function answerTo(socket: Socket, request: string, ms = 2_000): Promise<string> {
  socket.write(request)
  const answered = once(socket, 'data').then(([chunk]) => String(chunk))
  const silent = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('silent')), ms))
  return Promise.race([answered, silent])
}
