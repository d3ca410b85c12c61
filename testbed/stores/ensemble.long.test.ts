import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditSockets } from '../links/audit.ts'
import { TestGround } from '../testing/ground.ts'
import { openQuorumLinks } from '../testing/quorum-links.ts'
import type { ZookeeperSpec } from '../topology/blueprint.ts'
import { ask } from './ask.ts'

const rounds = 10
const serveMsMax = 2_000

let ground: TestGround
let members: readonly ZookeeperSpec[]

beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 120, sh: 121, edge: 122 } })
  await openQuorumLinks(ground)
  members = ['bj', 'sh', 'edge'].map((place) => ground.spec(`${place}/zookeeper-global`, 'zookeeper'))
})
afterAll(() => ground[Symbol.asyncDispose]())

/** What a member says it is: `leader`, `follower`, or null while it does not serve. */
async function modeOf(member: ZookeeperSpec): Promise<string | null> {
  const address = member.ports.find((port) => port.name === 'client')?.host
  if (address === undefined) throw new TypeError(`${member.id} has no client port`)
  const answer = await ask(address, 'srvr', () => false, AbortSignal.timeout(1_000)).catch(() => null)
  return /^Mode: (\w+)/m.exec(answer?.toString('latin1') ?? '')?.[1] ?? null
}

/** Milliseconds until these members all serve under one leader. */
async function untilServing(serving: readonly ZookeeperSpec[], msMax: number): Promise<number> {
  const begin = systemClock.monotonicMs()
  for (;;) {
    const modes = await Promise.all(serving.map(modeOf))
    const ms = systemClock.monotonicMs() - begin
    if (modes.filter((mode) => mode === 'leader').length === 1 && !modes.includes(null)) return ms
    if (ms > msMax) throw new Error(`after ${Math.round(ms)} ms the members say ${modes.join(', ')}`)
    await sleep(20)
  }
}

async function leader(): Promise<ZookeeperSpec> {
  for (const member of members) if ((await modeOf(member)) === 'leader') return member
  throw new Error('there is no leader')
}

describe('the global ensemble, over links of 30 and 5 ms', () => {
  it('forms, and the edge leads', async () => {
    await Promise.all(members.map((member) => ground.start(member)))
    expect(await leader()).toBe(members[2])
  })

  it('talks through the links alone', async () => {
    const { sockets, bypasses } = await auditSockets(ground.blueprint, { signal: AbortSignal.timeout(10_000) })
    expect(bypasses).toEqual([])
    // Each member has a connection to each other one for elections, and each follower one to the leader.
    expect(sockets).toBeGreaterThanOrEqual(5)
  })

  it(`serves again with both survivors within ${serveMsMax / 1000} s, each of ${rounds} times its leader is killed`, async ({
    annotate,
  }) => {
    const took: number[] = []
    for (let round = 0; round < rounds; round++) {
      const lost = await leader()
      await ground.kill(lost)
      took.push(
        await untilServing(
          members.filter((member) => member !== lost),
          30_000,
        ),
      )
      await ground.start(lost)
      await untilServing(members, 30_000)
    }
    await annotate(`leader killed -> survivors serve: ${took.map(Math.round).join(' ')} ms`)
    expect(took).toHaveLength(rounds)
    expect(Math.max(...took)).toBeLessThan(serveMsMax)
  })
})
