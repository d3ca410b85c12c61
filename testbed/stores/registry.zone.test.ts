import { access } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import { listeningOf } from '../testing/listening.ts'
import { type ServerSpec, waitReady } from './registry.ts'

let ground: TestGround
let servers: readonly ServerSpec[]

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 123, sh: 124, edge: 125 } })
  servers = ['mysql', 'redis', 'kafka', 'zookeeper'].map((kind) =>
    ground.spec(`bj/${kind}`, kind as 'mysql' | 'redis' | 'kafka' | 'zookeeper'),
  )
  servers = [...servers, ground.spec('bj-sh/toxiproxy', 'toxiproxy')]
})
afterAll(() => ground[Symbol.asyncDispose]())

const all = () => ({ credentials: ground.credentials, everyMs: 20 })

describe('waiting for a server', () => {
  it('ends at its deadline with what was found last', async () => {
    for (const spec of servers)
      await expect(waitReady(spec, { ...all(), signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
        code: 'EZ_NOT_READY',
        message: expect.stringContaining(`${spec.id} does not serve: `),
      })
  })

  it('ends with the reason of whoever calls it off', async () => {
    const called = new AbortController()
    const reason = new Error('called off')
    const waits = servers.map((spec) => waitReady(spec, { ...all(), signal: called.signal }))
    called.abort(reason)
    for (const wait of await Promise.allSettled(waits)) expect(wait).toMatchObject({ status: 'rejected', reason })
  })

  it('is over when the server serves', async ({ annotate }) => {
    for (const spec of servers) await annotate(`${spec.id} serves after ${Math.round(await ground.start(spec))} ms`)
    for (const spec of servers) await waitReady(spec, { ...all(), signal: AbortSignal.timeout(5_000) })
  })
})

describe('a running server', () => {
  it('listens on the addresses of its spec and nowhere else', async () => {
    for (const spec of servers) {
      const wanted = spec.ports.map(({ host }) => `${host.host}:${host.port}`).sort()
      expect(await listeningOf(await ground.pid(spec))).toEqual(wanted)
    }
  })

  it('takes a bounded share of the memory', async ({ annotate }) => {
    for (const spec of servers) {
      const mebibytes = (await ground.pssBytes(spec)) / 2 ** 20
      await annotate(`${spec.id} ${mebibytes.toFixed(1)} MiB PSS`)
      expect(mebibytes).toBeLessThan(pssMibMax[spec.kind])
    }
  })
})

/** Alone; with others of its kind each takes less, as they share their code. */
const pssMibMax = { mysql: 190, kafka: 160, zookeeper: 70, redis: 16, toxiproxy: 24 } as const

it('leaves no process and no file when its ground is gone', async () => {
  const other = await TestGround.make({ octets: { bj: 127, sh: 128, edge: 129 } })
  await other.start(other.spec('bj/redis', 'redis'))
  await other[Symbol.asyncDispose]()
  expect(await other.runtime.observe()).toEqual([])
  await expect(access(other.folder)).rejects.toMatchObject({ code: 'ENOENT' })
})
