import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OneZookeeper } from '../../../testbed/testing/one-zookeeper.ts'
import { op, watchNode, watchTree, type Zookeeper, type ZookeeperOptions } from './index.ts'

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

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000, interval: 20 })

describe('a watched node', () => {
  it('is delivered as it is, as it becomes, and as gone; one after the other', async () => {
    const values: (string | null)[] = []
    let inside = 0
    let insideMax = 0
    await using watch = watchNode(zk, '/node', async (value) => {
      insideMax = Math.max(insideMax, ++inside)
      await sleep(5)
      values.push(value?.data.toString() ?? null)
      inside--
    })
    await watch.current()
    expect(values).toEqual([null])
    await zk.create('/node', 'one')
    await watch.current()
    for (let i = 0; i < 50; i++) await zk.setData('/node', `${i}`)
    await watch.current()
    await zk.delete('/node')
    await watch.current()
    expect(values.slice(0, 2)).toEqual([null, 'one'])
    expect(values.slice(-2)).toEqual(['49', null])
    expect(insideMax).toBe(1)
    // The same again is not delivered again.
    const before = values.length
    await watch.current()
    expect(values).toHaveLength(before)
  })

  it('that was removed and made again with the same data is another one', async () => {
    await zk.create('/twice', 'x')
    const seen: (bigint | null)[] = []
    await using watch = watchNode(zk, '/twice', (value) => void seen.push(value?.stat.czxid ?? null))
    await watch.current()
    await zk.multi([op.delete('/twice'), op.create('/twice', 'x')])
    await watch.current()
    expect(new Set(seen).size).toBe(2)
  })

  it('is delivered again where the callback failed, with its newest value, and the failure is told', async () => {
    await zk.create('/fails', 'one')
    const errors: unknown[] = []
    const values: string[] = []
    const onValue = (value: { readonly data: Buffer } | null) => {
      if (errors.length < 2) throw new Error('not now')
      values.push(value?.data.toString() ?? '')
    }
    await using watch = watchNode(zk, '/fails', onValue, { onError: (error) => errors.push(error) })
    await watch.current(AbortSignal.timeout(10_000))
    expect(values).toEqual(['one'])
    expect(errors).toHaveLength(2)
  })

  it('is not delivered after its end, and whoever waits for it is told', async () => {
    await zk.create('/ends', '')
    let calls = 0
    const watch = watchNode(zk, '/ends', () => void calls++)
    await watch.current()
    await watch[Symbol.asyncDispose]()
    await zk.setData('/ends', 'x')
    await expect(watch.current()).rejects.toMatchObject({ code: 'CLOSED' })
    const end = new AbortController()
    const other = watchNode(zk, '/ends', () => void calls++, { signal: end.signal })
    await other.current()
    end.abort()
    await zk.setData('/ends', 'y')
    await zk.sync('/')
    expect(calls).toBe(2)
    await expect(other.current()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('a watched tree', () => {
  it('that is not there is empty; then grows and shrinks as it does', async () => {
    const sizes: string[] = []
    await using watch = watchTree(zk, '/tree', (tree) => void sizes.push([...tree.keys()].sort().join(' ')))
    await watch.current()
    await zk.create('/tree', '')
    await zk.multi([op.create('/tree/a', ''), op.create('/tree/a/b', ''), op.create('/treetop', '')])
    await watch.current()
    await zk.multi([op.delete('/tree/a/b'), op.delete('/tree/a')])
    await watch.current()
    expect(sizes.at(0)).toBe('')
    expect(sizes.at(-1)).toBe('/tree')
    expect(sizes).toContain('/tree /tree/a /tree/a/b')
  })

  it('of a thousand nodes is delivered whole, and a change costs one read', async () => {
    await zk.create('/wide', '')
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => zk.create(`/wide/${i}`, `${i}`)))
    let delivered = 0
    let size = 0
    await using other = client()
    await using watch = watchTree(other, '/wide', (tree) => {
      delivered++
      size = tree.size
    })
    await watch.current(AbortSignal.timeout(20_000))
    expect([delivered, size]).toEqual([1, 1_001])
    await zk.setData('/wide/7', 'x')
    await soon(() => delivered).toBe(2)
    expect(size).toBe(1_001)
  })

  it('that is too large is refused, and told', async () => {
    await zk.create('/huge', '')
    for (let i = 0; i < 6; i++)
      await zk.multi(Array.from({ length: 1_000 }, (_, j) => op.create(`/huge/${i}-${j}`, '')))
    const errors: unknown[] = []
    let calls = 0
    await using watch = watchTree(zk, '/huge', () => void calls++, { onError: (error) => errors.push(error) })
    await soon(() => errors.length).toBeGreaterThan(0)
    expect(errors[0]).toMatchObject({ code: 'TOO_LARGE' })
    expect([calls, watch.upToDate]).toEqual([0, false])
  })
})
