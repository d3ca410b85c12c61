import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DockerGround } from '../../testing/docker-ground.ts'
import { askRedis, redisBlueprint, untilPong } from '../../testing/redis-ground.ts'
import type { Spec } from '../../topology/blueprint.ts'
import { Dialer } from './dialer.ts'
import { directDials } from './direct-dial.ts'
import { ensureImages } from './image-choice.ts'
import { homeInside } from './images.ts'
import { networkName } from './networks.ts'
import { containerSockets } from './sockets.ts'

const grounds: DockerGround[] = []
afterEach(async () => {
  for (const ground of grounds.splice(0)) await ground[Symbol.asyncDispose]()
})

async function runningPair(name = 'net') {
  const ground = await DockerGround.make(redisBlueprint({ name, runtime: 'docker', octets: [180, 181, 182] }))
  grounds.push(ground)
  const [bj, sh] = ground.blueprint.specs as [Spec, Spec]
  await ground.runtime.prepare(ground.signal)
  await Promise.all([bj, sh].map((spec) => ground.runtime.start(spec, ground.signal)))
  const redis = ground.homes.get('redis')
  if (redis === undefined) throw new TypeError('no redis')
  await Promise.all([bj, sh].map((spec) => untilPong(redis, spec)))
  const images = await ensureImages(
    ground.engine,
    { images: 'local', registryMirror: null, homes: ground.homes, kinds: ['redis'] },
    ground.signal,
  )
  const dialling = { blueprint: ground.blueprint, image: images.get('redis') ?? '', home: homeInside(redis) }
  return { ground, bj, sh, redis, dialling, ...ground }
}

describe('the network of a place', () => {
  it('lets nobody in from another place: every direct dial is refused', async () => {
    const { ground, dialling } = await runningPair()
    const dials = await directDials(ground.engine, dialling, ground.signal)
    // bj and sh: the other's Redis, and the host in both networks on its port. At the edge no container stands here.
    expect(dials).toHaveLength(3 + 3)
    expect(dials.filter((dial) => dial.result !== 'refused')).toEqual([])
  })

  it('is found open when a container of another place is tied to it by hand', async () => {
    const { ground, dialling, sh } = await runningPair()
    const intruder = await Dialer.start(ground.engine, { ...dialling, place: 'bj' }, ground.signal)
    try {
      const door = sh.ports[0]?.inside ?? { host: '', port: 0 }
      expect(await intruder.dial(door, ground.signal)).toMatchObject({ result: 'refused' })
      await ground.engine.call('connect', ground.signal, (docker) =>
        docker.getNetwork(networkName('net', 'sh')).connect({ Container: intruder.id }),
      )
      expect(await intruder.dial(door, ground.signal)).toMatchObject({ result: 'reached' })
    } finally {
      await intruder[Symbol.asyncDispose]()
    }
  })

  it('shows the connections inside its containers with the spec that holds them', async () => {
    const { ground, bj, sh, redis } = await runningPair()
    // A replica dials its source, which it cannot reach: the half-open connection is what an audit has to see.
    const source = sh.ports[0]?.inside
    await askRedis(redis, bj, 'REPLICAOF', source?.host ?? '', String(source?.port))
    await expect
      .poll(() => containerSockets(ground.engine, ground.blueprint.id, ground.signal), { timeout: 5_000 })
      .toContainEqual(
        expect.objectContaining({
          remote: source,
          owner: expect.objectContaining({ process: 'bj/redis', place: 'bj' }),
        }),
      )
  })

  it('cannot be made where another testbed has its block, and says whose it is', async () => {
    const { ground } = await runningPair()
    const other = await DockerGround.make(redisBlueprint({ name: 'late', runtime: 'docker', octets: [180, 183, 184] }))
    grounds.push(other)
    await expect(other.runtime.prepare(other.signal)).rejects.toMatchObject({
      code: 'EZ_DOCKER_TAKEN',
      message: expect.stringContaining(`network ezone-net-bj of testbed ${ground.blueprint.id}`),
    })
  })
})

describe('a container', () => {
  it('whose published address is taken says which one, and leaves nothing', async () => {
    const blueprint = redisBlueprint({ name: 'taken', runtime: 'docker', octets: [180, 181, 182] })
    const ground = await DockerGround.make(blueprint)
    grounds.push(ground)
    await ground.runtime.prepare(ground.signal)
    const [bj] = blueprint.specs as [Spec]
    const squatter = createServer().listen(6379, '127.180.0.2')
    try {
      await expect(ground.runtime.start(bj, ground.signal)).rejects.toMatchObject({
        code: 'EZ_PORT_TAKEN',
        message: expect.stringContaining('127.180.0.2:6379'),
      })
      expect(await ground.runtime.observe(ground.signal)).toEqual([])
    } finally {
      squatter.close()
    }
    expect((await ground.runtime.start(bj, ground.signal)).running).toBe(true)
  })

  it('whose name another container has says so', async () => {
    const [one, two] = await Promise.all([
      DockerGround.make(redisBlueprint({ name: 'same', runtime: 'docker', octets: [180, 181, 182] })),
      DockerGround.make(redisBlueprint({ name: 'same', runtime: 'docker', octets: [183, 184, 185] })),
    ])
    grounds.push(one, two)
    await one.runtime.prepare(one.signal)
    await expect(two.runtime.prepare(two.signal)).rejects.toMatchObject({ code: 'EZ_DOCKER_TAKEN' })
  })

  it('is interrupted at any moment of its start without leaving anything', async () => {
    const blueprint = redisBlueprint({ name: 'inter', runtime: 'docker', octets: [180, 181, 182] })
    const ground = await DockerGround.make(blueprint)
    grounds.push(ground)
    const [bj] = blueprint.specs as [Spec]
    for (const ms of [0, 5, 20, 60, 120, 250]) {
      const interrupt = AbortSignal.timeout(ms)
      const work = ground.runtime.prepare(interrupt).then(() => ground.runtime.start(bj, interrupt))
      await work.catch((error) => expect(error).toBe(interrupt.reason))
      await ground.runtime.destroy(ground.signal)
      expect(await ground.leftovers()).toEqual([])
    }
  })
})
