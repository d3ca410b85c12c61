import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import { tool } from '../testing/tool.ts'
import { createNode, readNode } from '../testing/zookeeper-session.ts'
import type { ZookeeperSpec } from '../topology/blueprint.ts'
import { ask } from './ask.ts'

const cli = await tool('/usr/lib/zookeeper/bin/cli_mt')

let ground: TestGround
let spec: ZookeeperSpec

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 123, sh: 124, edge: 125 } })
  spec = ground.spec('bj/zookeeper', 'zookeeper')
  await ground.start(spec)
})
afterAll(() => ground[Symbol.asyncDispose]())

const address = () => spec.ports[0]?.host ?? { host: '', port: 0 }

describe("a zone's own ZooKeeper", () => {
  it('stands alone', async () => {
    const answer = await ask(address(), 'srvr', () => false, AbortSignal.timeout(2_000))
    expect(answer.toString()).toMatch(/^Mode: standalone$/m)
  })

  it('keeps what it acknowledged when it is killed', async () => {
    await createNode(address(), '/kept', 'order 7')
    await ground.kill(spec)
    await ground.start(spec)
    expect(await readNode(address(), '/kept')).toBe('order 7')
  })

  it('maps the class-data archive instead of reading all classes again', async () => {
    const { archives } = ground.context.templates
    expect(archives).toEqual({ kafka: expect.stringMatching(/\.jsa$/), zookeeper: expect.stringMatching(/\.jsa$/) })
    expect(await ground.mapped(spec)).toContainEqual(expect.stringMatching(/\/zookeeper-[\d.]+-\w+\.jsa$/))
  })

  it('starts all the same when its archive does not fit', async () => {
    const damaged = await TestGround.make({ octets: { bj: 127, sh: 128, edge: 129 }, archives: 'damaged' })
    await using _ = damaged
    const other = damaged.spec('bj/zookeeper', 'zookeeper')
    await damaged.start(other)
    expect(
      (await damaged.mapped(other)).filter((file) => file.endsWith('.jsa') && !file.endsWith('classes.jsa')),
    ).toEqual([])
  })

  it.skipIf(cli === null)("serves the distribution's client", async () => {
    const { host, port } = address()
    await createNode(address(), '/seen', 'x').catch(() => {})
    expect(await cli?.([`${host}:${port}`, 'cmd:get /seen'])).toContain('x')
  })
})
