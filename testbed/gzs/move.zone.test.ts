import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../testing/platform-ground.ts'
import { pretendReplication } from '../testing/shard-moves.ts'
import { GzsClient } from './gzs-client.ts'
import { moveShard, stepText } from './move.ts'
import { historyText, movedText, shardsText, subscribersText, takeoverText } from './words.ts'

const signal = AbortSignal.timeout(300_000)
let platform: PlatformGround
let gzs: GzsClient
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 })
  await platform.startAll(['gzs', 'lease-keeper'])
  gzs = new GzsClient(['edge', 'bj', 'sh'].map((place) => platform.addressOf(place, 'gzs')))
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const request = { shard: 31, mode: 'planned', who: 'ann@laptop', why: 'sh is full' } as const
const told: string[] = []
const follow = (to: string) =>
  moveShard({ gzs, request: { ...request, to }, signal, onStep: (step, move) => told.push(stepText(step, move)) })

describe('a move that is followed to its end', () => {
  it('tells each step once, with its time, and what came of it', async () => {
    await using _ = pretendReplication(platform)
    const moved = await follow('bj')
    expect(moved).toMatchObject({ shard: 31, from: 'sh', to: 'bj', mode: 'planned', joined: false, epoch: 4 })
    expect(moved.steps.map(({ name }) => name)).toEqual(['freeze', 'drain', 'commit', 'moved'])
    expect(moved.steps[0]?.atMs).toBe(0)
    expect(moved.frozenMs).toBe(moved.steps[2]?.atMs)
    expect(told).toHaveLength(4)
    expect(told.at(-1)).toContain('bj serves it')
    expect(movedText({ ...moved, longestHoldMs: 80 })).toMatch(
      /^shard 31: sh -> bj, epoch 4, frozen for \d+ ms, longest hold at a router 80 ms$/,
    )
  })

  it('tells when there was nothing to do', async () => {
    expect(await follow('bj')).toMatchObject({ id: null, to: 'bj', epoch: 4, steps: [] })
  })

  it('that cannot end is an error with the reason, and the shard stays', async () => {
    await expect(follow('sh')).rejects.toMatchObject({
      code: 'EZ_MOVE_ROLLED_BACK',
      message: 'shard 31 stays in bj: sh has not applied what bj wrote before the freeze',
    })
  })

  it.each([
    [{ ...request, shard: 77, to: 'bj' }, 'EZ_UNKNOWN_SHARD'],
    [{ ...request, to: 'gz' }, 'EZ_UNKNOWN_ZONE'],
  ])('%j is refused with %s', async (wrong, code) => {
    await expect(moveShard({ gzs, request: wrong, signal })).rejects.toMatchObject({ code })
  })
})

describe('a takeover', () => {
  it('warns of what it leaves behind, by the policy in force', () => {
    expect(takeoverText('available', 'bj')).toMatch(/^warning: .*may go on writing it.*locked after the heal$/)
    expect(takeoverText('strict', 'bj')).toMatch(/^warning: .*bj waits until its lease/)
  })
})

describe('what GZS tells, in words', () => {
  it('is every shard with its owner; each change with who and why; every subscriber with its version', async () => {
    expect(shardsText(await gzs.table(signal))).toMatch(/31 {2}Shanghai +bj +ACTIVE +\d+/)
    expect(historyText(await gzs.history(signal))).toMatch(
      /ann@laptop {2}31: DRAINING sh 2 -> ACTIVE bj 4 +commit: sh is full/,
    )
    expect(subscribersText(await gzs.subscribers(signal))).toContain('table version')
  })

  it('names the GZS that does not answer, and comes from the next one', async () => {
    await platform.program('edge', 'gzs').kill()
    const answer = await gzs.subscribers(signal)
    expect(answer.silent).toEqual(['edge'])
    expect(subscribersText(answer)).toContain('the GZS at edge does not answer')
    await Promise.all(['bj', 'sh'].map((place) => platform.program(place, 'gzs').kill()))
    await expect(gzs.table(signal)).rejects.toMatchObject({ code: 'EZ_NOT_RUNNING' })
  })
})
