import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../../../testbed/testing/ground.ts'
import { type Consuming, consume } from './consume.ts'
import { KafkaProducer } from './producer.ts'

let ground: TestGround
let end: AbortController
let warned: string[]
let producer: KafkaProducer
let running: Promise<void>[] = []

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 82, sh: 83, edge: 84 } })
  await ground.start(ground.spec('bj/kafka', 'kafka'))
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

const broker = () => ground.spec('bj/kafka', 'kafka').ports[0]?.host ?? { host: '', port: 0 }

/** A life of a consumer; what it takes, in order. */
function listen(consuming: Partial<Consuming> & Pick<Consuming, 'topics' | 'from'>) {
  const heard: string[] = []
  end = new AbortController()
  warned = []
  const onRecord: Consuming['onRecord'] = ({ key, value, headers }) =>
    void heard.push(`${key}=${value} ${headers.zone}`)
  const who = { broker: broker(), clientId: 'tested', group: 'tests', onRecord }
  const log = { warn: (_: object, text: string) => void warned.push(text) }
  running.push(consume({ ...who, ...consuming }, { log, signal: end.signal }))
  return heard
}

async function stop(): Promise<void> {
  end.abort()
  await Promise.all(running)
  running = []
}
afterEach(async () => {
  await stop()
  await producer?.[Symbol.asyncDispose]()
})

const send = (topic: string, ...values: readonly string[]) => {
  producer = new KafkaProducer({ broker: broker(), clientId: 'sender' })
  return producer.send(values.map((value) => ({ topic, key: 'k', value, headers: { zone: 'bj' } })))
}
const patient = { timeout: 15_000, interval: 50 }

describe('a group that keeps its place', () => {
  it('hears what was there before it, in order, and goes on where it stopped', async () => {
    await send('kept', 'a', 'b')
    const first = listen({ topics: ['kept'], from: 'kept' })
    await expect.poll(() => first, patient).toEqual(['k=a bj', 'k=b bj'])
    // Noted after the last one was taken.
    await sleep(200)
    await stop()
    await send('kept', 'c')
    const second = listen({ topics: ['kept'], from: 'kept' })
    await expect.poll(() => second, patient).toEqual(['k=c bj'])
  })

  it('has a record again that was not taken, before any other, and tells of it once', async () => {
    await send('hard', 'a', 'b')
    const tries: string[] = []
    listen({
      topics: ['hard'],
      from: 'kept',
      onRecord: ({ value }) => {
        tries.push(value)
        if (tries.length < 3) throw new Error('not now')
      },
    })
    await expect.poll(() => tries, patient).toEqual(['a', 'a', 'a', 'b'])
    expect(warned).toEqual(['a record is not taken; trying on'])
  })

  it('has a record again that its former life did not take', async () => {
    await send('killed', 'a')
    let tried = 0
    const onRecord = () => {
      tried++
      throw new Error('never')
    }
    listen({ topics: ['killed'], from: 'kept', onRecord })
    await expect.poll(() => tried, patient).toBeGreaterThan(0)
    await stop()
    const second = listen({ topics: ['killed'], from: 'kept' })
    await expect.poll(() => second, patient).toEqual(['k=a bj'])
  })
})
