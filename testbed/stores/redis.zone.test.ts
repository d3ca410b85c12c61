import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../testing/ground.ts'
import { tool } from '../testing/tool.ts'
import type { RedisSpec } from '../topology/blueprint.ts'
import { ask } from './ask.ts'

const redisCli = await tool('redis-cli')

let ground: TestGround
let spec: RedisSpec

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 123, sh: 124, edge: 125 } })
  spec = ground.spec('bj/redis', 'redis')
  await ground.start(spec)
})
afterAll(() => ground[Symbol.asyncDispose]())

const address = () => spec.ports[0]?.host ?? { host: '', port: 0 }

/** Sends commands and returns the answer up to QUIT's, as it came. */
async function say(...commands: readonly string[]): Promise<string> {
  const request = [...commands, 'QUIT'].map((command) => `${command}\r\n`).join('')
  return (await ask(address(), request, () => false, AbortSignal.timeout(5_000))).toString('utf8')
}

const login = () => `AUTH ${ground.credentials.redis.password}`

describe('a Redis', () => {
  it('answers nobody without its password', async () => {
    expect(await say('PING')).toMatch(/^-NOAUTH/)
    expect(await say(login(), 'PING')).toBe('+OK\r\n+PONG\r\n+OK\r\n')
  })

  it('has a bound on its memory, and refuses rather than forgets', async () => {
    expect(await say(login(), 'CONFIG GET maxmemory')).toContain(`${64 * 2 ** 20}\r\n`)
    expect(await say(login(), 'CONFIG GET maxmemory-policy')).toContain('noeviction')
  })

  it('keeps what it acknowledged when it is killed', async () => {
    const sets = Array.from({ length: 100 }, (_, i) => `SET key:${i} ${i}`)
    expect(await say(login(), ...sets)).not.toMatch(/^-/m)
    await ground.kill(spec)
    await ground.start(spec)
    expect(await say(login(), 'DBSIZE')).toContain(':100\r\n')
  })

  it('can be found by the mark in its environment while it works', async () => {
    await say(login(), 'BGREWRITEAOF')
    expect((await ground.runtime.observe()).map((o) => o.specId)).toContain(spec.id)
  })

  it.skipIf(redisCli === null)("serves the distribution's client", async () => {
    const { host, port } = address()
    const login = ['-h', host, '-p', String(port), '-a', ground.credentials.redis.password, '--no-auth-warning']
    expect(await redisCli?.([...login, 'PING'])).toBe('PONG')
  })
})
