import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endSession } from '../../../testbed/testing/end-session.ts'
import { OneZookeeper } from '../../../testbed/testing/one-zookeeper.ts'
import {
  ensurePath,
  type NodeWatch,
  register,
  type ServiceInstance,
  watchServices,
  Zookeeper,
  type ZookeeperOptions,
} from './index.ts'

let server: OneZookeeper
let zk: Zookeeper
let watch: NodeWatch
let services: ReadonlyMap<string, readonly ServiceInstance[]> = new Map()
const errors: unknown[] = []

beforeAll(async () => {
  server = await OneZookeeper.start()
  zk = client()
  watch = watchServices(
    zk,
    (now) => {
      services = now
    },
    { onError: (error) => errors.push(error) },
  )
})
afterAll(async () => {
  await watch?.[Symbol.asyncDispose]()
  await zk?.close()
  await server?.[Symbol.asyncDispose]()
})

const client = (options?: Partial<ZookeeperOptions>) => server.client(options)

const loseSession = (zk: Zookeeper) => endSession(zk, (resume) => client({ resume }))

const at = (place: string, port = 7300): ServiceInstance => ({
  host: '127.40.0.9',
  port,
  zone: 'bj',
  place,
  class: 'multi-active',
})
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000, interval: 20 })
const known = async (service: string) => {
  await watch.current()
  return services.get(service) ?? []
}

describe('a registered instance', () => {
  it('is known to all while it is there, with its newest data', async () => {
    await using own = client()
    const first = await register(own, { service: 'orders', place: 'bj', instance: 1, data: at('bj') })
    const second = await register(own, { service: 'orders', place: 'bj-2', instance: 1, data: at('bj-2') })
    expect(await known('orders')).toEqual([at('bj'), at('bj-2')])
    await first.update(at('bj', 7301))
    expect(await known('orders')).toEqual([at('bj', 7301), at('bj-2')])
    expect(first.registered).toBe(true)
    await first[Symbol.asyncDispose]()
    expect(await known('orders')).toEqual([at('bj-2')])
    await second[Symbol.asyncDispose]()
    expect(await known('orders')).toEqual([])
  })

  it('is gone at once when its client closes', async () => {
    const own = client()
    await register(own, { service: 'closing', place: 'bj', instance: 1, data: at('bj') })
    expect(await known('closing')).toHaveLength(1)
    await own.close()
    expect(await known('closing')).toEqual([])
  })

  it('is known again by itself after its session expired, or after somebody removed it', async () => {
    await using own = client()
    const registration = await register(own, { service: 'again', place: 'bj', instance: 1, data: at('bj') })
    const before = (await zk.exists(registration.path))?.ephemeralOwner
    await loseSession(own)
    await soon(async () => (await zk.exists(registration.path))?.ephemeralOwner ?? before).not.toBe(before)
    await soon(() => registration.registered).toBe(true)
    await zk.delete(registration.path)
    await soon(() => known('again')).toHaveLength(1)
  })

  it('replaces at once what an earlier life of it left, which then leaves it be', async () => {
    await using earlier = client({ sessionTimeoutMs: 30_000 })
    await using later = client()
    const old = await register(earlier, { service: 'lives', place: 'bj', instance: 1, data: at('bj', 1) })
    const now = await register(later, { service: 'lives', place: 'bj', instance: 1, data: at('bj', 2) })
    expect(await known('lives')).toEqual([at('bj', 2)])
    await old.current()
    expect([old.registered, now.registered]).toEqual([false, true])
    expect(await known('lives')).toEqual([at('bj', 2)])
    // The earlier one's end takes nothing from the later one.
    await old[Symbol.asyncDispose]()
    expect(await known('lives')).toEqual([at('bj', 2)])
  })

  it('that does not get through in time is no registration', async () => {
    await using absent = Zookeeper.connect({ servers: [{ host: '127.43.0.9', port: 2181 }] })
    const signal = AbortSignal.timeout(300)
    await expect(
      register(absent, { service: 'none', place: 'bj', instance: 1, data: at('bj'), signal }),
    ).rejects.toThrow()
  })
})

describe('whoever looks for instances', () => {
  it('is told of an entry that cannot be read, and gets the others', async () => {
    await using own = client()
    await register(own, { service: 'mixed', place: 'bj', instance: 1, data: at('bj') })
    await ensurePath(zk, '/ezone/services/mixed/bj-2')
    expect(await known('mixed')).toEqual([at('bj')])
    expect(errors).toContainEqual(expect.objectContaining({ message: expect.stringContaining('mixed/bj-2') }))
  })
})
