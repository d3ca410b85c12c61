import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import { tool } from '../testing/tool.ts'
import { type KafkaSpec, portOf } from '../topology/blueprint.ts'
import { kafkaBrokers } from './kafka-wire.ts'

const kcat = await tool('kcat')

let ground: TestGround
let bj: KafkaSpec
let sh: KafkaSpec

beforeAll(async () => {
  ground = await TestGround.make({
    octets: { bj: 123, sh: 124, gz: 126, edge: 125 },
    topology: { zones: [{ name: 'bj' }, { name: 'sh' }, { name: 'gz' }] },
  })
  bj = ground.spec('bj/kafka', 'kafka')
  sh = ground.spec('sh/kafka', 'kafka')
  await Promise.all([bj, sh].map((spec) => ground.start(spec)))
})
afterAll(() => ground[Symbol.asyncDispose]())

const signal = () => AbortSignal.timeout(5_000)
const hostOf = (spec: KafkaSpec, port: string) => portOf(spec, port)?.host ?? { host: '', port: 0 }
const bootstrap = (spec: KafkaSpec) => `${hostOf(spec, 'client').host}:${hostOf(spec, 'client').port}`

const clusterOf = async (spec: KafkaSpec) => {
  const meta = await readFile(`${ground.dataDir(spec)}/kafka/log/meta.properties`, 'utf8')
  return /^cluster\.id=(.+)$/m.exec(meta)?.[1]
}

describe('a Kafka', () => {
  it('tells clients of its own place its own address', async () => {
    expect(await kafkaBrokers(hostOf(bj, 'client'), signal())).toEqual([{ host: '127.123.0.4', port: 9092 }])
  })

  it('tells clients of each foreign place the address of the link over there', async () => {
    expect(await kafkaBrokers(hostOf(bj, 'far-sh'), signal())).toEqual([{ host: '127.124.123.4', port: 9192 }])
    expect(await kafkaBrokers(hostOf(bj, 'far-gz'), signal())).toEqual([{ host: '127.126.123.4', port: 9193 }])
  })

  it('is a cluster of its own, though all come from one template', async () => {
    const ids = await Promise.all([bj, sh].map(clusterOf))
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
    expect(new Set([...ids, 'ezoneTemplateClusterId']).size).toBe(3)
  })

  it.skipIf(kcat === null)(
    "serves the distribution's client, and keeps what it acknowledged when it is killed",
    async () => {
      const topic = 'kept'
      const lines = Array.from({ length: 200 }, (_, i) => `order ${i}`)
      await kcat?.(['-P', '-b', bootstrap(bj), '-t', topic, '-X', 'acks=all'], lines.join('\n'))
      await ground.kill(bj)
      await ground.start(bj)
      const read = await kcat?.(['-C', '-b', bootstrap(bj), '-t', topic, '-o', 'beginning', '-e', '-q'])
      expect(read?.split('\n').sort()).toEqual(lines.sort())
    },
  )
})
