import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { credentialsOf } from '../agent/probe-credentials.ts'
import { pathsOf } from '../links/paths.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { isStopped } from '../surroundings/processes.ts'
import { TestGround } from '../testing/ground.ts'
import { killedHolder } from '../testing/killed-holder.ts'
import { until } from '../testing/link-ground.ts'
import { wishOf } from './kinds.ts'
import { LeaseKeeper } from './leases.ts'
import { LinkActs } from './link-acts.ts'
import type { FaultRequest } from './request.ts'
import { SpecActs } from './spec-acts.ts'

const soon = () => AbortSignal.timeout(60_000)
const target = 'bj/redis'
const kill = { kind: 'kill', target } as const
const pause = { kind: 'pause', target } as const

class SetClock implements Clock {
  aheadMs = 0
  nowMs = () => systemClock.nowMs() + this.aheadMs
  monotonicMs = () => systemClock.monotonicMs() + this.aheadMs
}

let ground: TestGround
let file: string
let endedOnPurpose: string[]
beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 40, sh: 41, edge: 42 }, direct: true })
  file = join(ground.folder, 'leases.json')
})
afterAll(() => ground[Symbol.asyncDispose]())

const redis = () => ground.spec(target, 'redis')
const pid = async () => (await ground.runtime.observe()).find(({ specId }) => specId === target)?.pid ?? null
beforeEach(async () => {
  endedOnPurpose = []
  await rm(file, { force: true })
  if ((await pid()) === null) await ground.start(redis())
})

/** `runtime`: what starts servers; by default one that can. */
async function openKeeper(clock: Clock = systemClock, runtime = async (): Promise<Runtime> => ground.runtime) {
  const common = { clock, paths: pathsOf(ground.blueprint), credentialsOf: credentialsOf(ground) }
  return LeaseKeeper.open({
    file,
    clock,
    links: new LinkActs({ ...common, drivers: new Map() }),
    specs: new SpecActs({
      ...common,
      testbed: ground,
      observer: ground.runtime,
      runtime,
      supervision: {
        expectEnd: (ids) => endedOnPurpose.push(...ids),
        look: async () => undefined,
        proved: async () => undefined,
      },
    }),
    tell: () => undefined,
  })
}
const wish = (request: FaultRequest) => wishOf(request, ground.blueprint)
const shown = { proven: true, by: 'processes', samples: 1, against: [] }

describe('a fault of a server', () => {
  it('that kills it leaves nothing of it, is told to the supervisor, and ends with a new start', async () => {
    await using keeper = await openKeeper()
    const before = await pid()
    expect(await keeper.inject(wish(kill), soon())).toMatchObject({ state: 'active', specs: [target], effect: shown })
    expect(await pid()).toBeNull()
    expect(endedOnPurpose).toEqual([target])
    expect(await keeper.heal(['f1'])).toMatchObject([{ state: 'ended', removal: shown }])
    expect(await pid()).not.toBe(before)
  })

  it('that stops it leaves the process where it stands, and ends with the same one', async () => {
    await using keeper = await openKeeper()
    const before = (await pid()) ?? 0
    expect(await keeper.inject(wish(pause), soon())).toMatchObject({ effect: shown })
    expect(await isStopped(before)).toBe(true)
    expect(await keeper.heal(null)).toMatchObject([{ removal: shown }])
    expect(await pid()).toBe(before)
    expect(await isStopped(before)).toBe(false)
  })

  it('that restarts it is over when it serves again', async () => {
    await using keeper = await openKeeper()
    const before = await pid()
    const report = await keeper.inject(wish({ kind: 'restart', target }), soon())
    expect(report).toMatchObject({ state: 'ended', why: 'done', effect: shown, removal: shown })
    expect([null, before]).not.toContain(await pid())
  })

  it('ends by itself when its time is over', async () => {
    await using keeper = await openKeeper()
    await keeper.inject(wish({ ...kill, forMs: 1_000 }), soon())
    await until(() => keeper.faults()[0]?.state === 'ended', 30_000)
    expect(keeper.faults()).toMatchObject([{ why: 'lease', removal: shown }])
    expect(await pid()).not.toBeNull()
  })

  it('that does not run, or has a fault already, is refused and not written down', async () => {
    await using keeper = await openKeeper()
    const dead = wish({ kind: 'kill', target: 'sh/redis' })
    await expect(keeper.inject(dead, soon())).rejects.toMatchObject({ code: 'EZ_TARGET_DEAD' })
    await keeper.inject(wish(pause), soon())
    await expect(keeper.inject(wish(kill), soon())).rejects.toMatchObject({ code: 'EZ_FAULT_CONFLICT' })
    expect(keeper.faults()).toHaveLength(1)
    await keeper.heal(null)
  })

  it('is not called shown while it answers all the same', async () => {
    const blind = {
      ...ground.runtime,
      isStopped: async () => false,
      signal: async () => 0,
      stop: async () => undefined,
      observe: () => ground.runtime.observe(),
    }
    const common = { clock: systemClock, paths: pathsOf(ground.blueprint), credentialsOf: credentialsOf(ground) }
    const supervision = { expectEnd: () => undefined, look: async () => undefined, proved: async () => undefined }
    const observer = blind as unknown as Runtime
    const specs = new SpecActs({
      ...common,
      testbed: ground,
      observer,
      runtime: async () => ground.runtime,
      supervision,
    })
    const links = new LinkActs({ ...common, drivers: new Map() })
    await using keeper = await LeaseKeeper.open({ file, clock: systemClock, links, specs, tell: () => undefined })
    const { effect } = await keeper.inject(wish(kill), soon())
    expect(effect).toMatchObject({ proven: false, against: ['bj/redis', 'bj>bj bj/redis'] })
    await keeper.heal(null)
  })

  it('is not called removed while the server cannot start, and its end is tried until it can', async () => {
    const clock = new SetClock()
    let broken = true
    await using keeper = await openKeeper(clock, async () => {
      if (broken) throw new EzoneError('EZ_SERVER_UNAVAILABLE', 'the servers are gone')
      return ground.runtime
    })
    await keeper.inject(wish(kill), soon())
    await expect(keeper.heal(null)).rejects.toMatchObject({ code: 'EZ_FAULT_NOT_REMOVED' })
    expect(keeper.faults()).toMatchObject([{ state: 'ending' }])
    broken = false
    clock.aheadMs = 20_000
    await keeper.expire()
    expect(keeper.faults()).toMatchObject([{ state: 'ended', removal: shown }])
  })

  it('ends with the testbed: what was killed stays down, what was stopped goes on so that it can end in peace', async () => {
    await using keeper = await openKeeper()
    const before = (await pid()) ?? 0
    await keeper.inject(wish(pause), soon())
    await keeper.endAll('stop')
    expect(await isStopped(before)).toBe(false)
    await keeper.inject(wish(kill), soon())
    await keeper.endAll('stop')
    expect(await pid()).toBeNull()
    expect(keeper.faults().map(({ state }) => state)).toEqual(['ended', 'ended'])
  })
})

describe('a keeper that comes after one that was killed with -9', () => {
  const holder = (request: FaultRequest) => killedHolder(file, ground.blueprint, wish(request))
  let keeper: LeaseKeeper
  afterEach(() => keeper[Symbol.asyncDispose]())

  it('keeps a server dead until its time is over, and starts it then', async () => {
    await holder(kill)
    const clock = new SetClock()
    keeper = await openKeeper(clock)
    await keeper.resume(soon())
    expect(keeper.faults()).toMatchObject([{ state: 'active' }])
    expect(await pid()).toBeNull()
    clock.aheadMs = 61_000
    await keeper.expire()
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease', removal: { proven: true } }])
    expect(await pid()).not.toBeNull()
  })

  it('lets a server that stands still go on at once where its time was over meanwhile', async () => {
    const before = (await pid()) ?? 0
    await holder(pause)
    expect(await isStopped(before)).toBe(true)
    const clock = new SetClock()
    clock.aheadMs = 3_600_000
    keeper = await openKeeper(clock)
    await keeper.resume(soon())
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease' }])
    expect(await isStopped(before)).toBe(false)
  })
})
