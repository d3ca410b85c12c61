import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pathsOf } from '../links/paths.ts'
import { groundBlueprint, LinkGround, serveRedis, until } from '../testing/link-ground.ts'
import { wishOf } from './kinds.ts'
import { LeaseKeeper } from './leases.ts'
import { LinkActs } from './link-acts.ts'
import { narrowed } from './narrowed.ts'
import type { FaultRequest } from './request.ts'
import { slowed } from './slowed.ts'

const places = ['bj', 'sh', 'edge']
const blueprint = groundBlueprint({
  places: { bj: 40, sh: 41, edge: 42 },
  rttMs: 30,
  doors: places.map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
})
const password = 'a-password-of-16-chars'
const paths = pathsOf(blueprint)
const soon = () => AbortSignal.timeout(60_000)
const common = { clock: systemClock, paths, credentialsOf: () => ({ password }) }

const owned = new AsyncDisposableStack()
let ground: LinkGround
let folder: string
let links: LinkActs
let keeper: LeaseKeeper
beforeAll(async () => {
  ground = owned.use(await LinkGround.start(blueprint))
  folder = await mkdtemp(join(tmpdir(), 'ezone-faults-'))
  owned.defer(() => rm(folder, { recursive: true }))
  for (const spec of blueprint.specs)
    for (const port of spec.kind === 'redis' ? spec.ports : []) owned.use(await serveRedis(port.host, password))
})
afterAll(async () => owned.disposeAsync())
beforeEach(async () => {
  await rm(join(folder, 'leases.json'), { force: true })
  links = new LinkActs({ ...common, drivers: ground.freshDrivers() })
  keeper = await LeaseKeeper.open({
    file: join(folder, 'leases.json'),
    clock: systemClock,
    links,
    tell: () => undefined,
  })
  for (const driver of links.drivers.values()) await driver.raise(soon())
})
afterEach(async () => {
  await keeper.heal(null)
  await keeper[Symbol.asyncDispose]()
})

const inject = (request: FaultRequest) => keeper.inject(wishOf(request, blueprint), soon())
const stateOf = async (link = 'bj-sh') => (await ground.driver(link).state(soon())).state
const shownByPaths = { proven: true, by: 'paths', against: [] }

describe('each way to break a link, shown and taken back', () => {
  it.each<FaultRequest & { readonly what: string; readonly state: string; readonly effect: string }>([
    { what: 'refused', kind: 'partition', target: 'bj-sh', mode: 'refuse', state: 'refused', effect: 'paths' },
    {
      what: 'cut one way',
      kind: 'partition',
      target: 'bj-sh',
      direction: 'sh:bj',
      state: 'cut sh:bj',
      effect: 'paths',
    },
    { what: 'slow', kind: 'latency', target: 'bj-sh', latencyMs: 120, jitterMs: 20, state: 'open', effect: 'paths' },
    { what: 'narrow', kind: 'bandwidth', target: 'bj-sh', kbPerSecond: 64, state: 'open', effect: 'paths' },
  ])('it is $what', async ({ what: _, state, effect, ...request }) => {
    expect(await inject(request)).toMatchObject({ state: 'active', effect: { proven: true, by: effect, against: [] } })
    expect(await stateOf()).toBe(state)
    expect(await keeper.heal(null)).toMatchObject([{ state: 'ended', why: 'heal', removal: shownByPaths }])
    expect(await stateOf()).toBe('open')
  })

  it('a link that refuses does so also when its Toxiproxy was killed and comes back empty', async () => {
    await inject({ kind: 'partition', target: 'bj-sh', mode: 'refuse' })
    await ground.restart('bj-sh/toxiproxy')
    await links.driver('bj-sh').raise(soon())
    expect(await stateOf()).toBe('refused')
    expect(await keeper.heal(null)).toMatchObject([{ removal: shownByPaths }])
  })

  it('a stall ends by its short lease', async () => {
    await inject({ kind: 'partition', target: 'bj-sh', mode: 'stall', forMs: 1_400 })
    await until(() => keeper.faults()[0]?.state === 'ended', 30_000)
    expect(keeper.faults()).toMatchObject([{ why: 'lease', removal: { proven: true } }])
  })

  it('flapping is cut and open by turns until it ends', async () => {
    await inject({ kind: 'flapping', target: 'bj-sh', downMs: 300, upMs: 300 })
    for (const state of ['open', 'cut', 'open', 'cut']) await until(async () => (await stateOf()) === state, 20_000)
    expect(await keeper.heal(null)).toMatchObject([{ removal: shownByPaths }])
    expect(await stateOf()).toBe('open')
  })

  it('an isolation is of every link that leaves the zone, and of no other', async () => {
    expect(await inject({ kind: 'isolate', target: 'sh' })).toMatchObject({
      links: ['bj-sh', 'sh-edge'],
      effect: { ...shownByPaths, samples: 4 },
    })
    expect(await Promise.all(['bj-sh', 'sh-edge', 'bj-edge'].map(stateOf))).toEqual(['cut', 'cut', 'open'])
    // A join of one of its links ends the whole of it: half an isolation is none.
    expect(await keeper.join('bj-sh')).toMatchObject([{ state: 'ended', why: 'join', removal: shownByPaths }])
    expect(await stateOf('sh-edge')).toBe('open')
  })
})

describe('a fault of a link', () => {
  it('that contradicts one in force is refused and not written down', async () => {
    await inject({ kind: 'partition', target: 'bj-sh' })
    await expect(inject({ kind: 'latency', target: 'sh-bj', latencyMs: 10 })).rejects.toMatchObject({
      code: 'EZ_FAULT_CONFLICT',
    })
    expect(keeper.faults()).toHaveLength(1)
  })

  it('asked for twice in the same moment is there once, where twice would contradict itself', async () => {
    const both = await Promise.allSettled([1, 2].map(() => inject({ kind: 'latency', target: 'bj-sh', latencyMs: 40 })))
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(keeper.faults()).toHaveLength(1)
  })

  it('is not called shown where the link is as fast as ever, nor called gone while it is slow', async () => {
    const change = { link: 'bj-sh', direction: null, how: { type: 'latency' as const, latencyMs: 120, jitterMs: 0 } }
    const across = paths.filter(({ link }) => link === 'bj-sh')
    expect(await slowed([change], across, common, soon())).toMatchObject({ proven: false, samples: 2 })
    await inject({ kind: 'latency', target: 'bj-sh', latencyMs: 120 })
    expect(await slowed([change], across, { ...common, gone: true }, soon())).toMatchObject({ proven: false })
  })

  it('is not called shown where the link is as wide as ever, nor called gone while it is narrow', async () => {
    const change = { link: 'bj-sh', direction: null, how: { type: 'bandwidth' as const, kbPerSecond: 50 } }
    const across = paths.filter(({ link }) => link === 'bj-sh')
    const look = (gone: boolean) => narrowed([change], across, { ...common, gone }, soon())
    expect(await look(false)).toMatchObject({ proven: false, samples: 2 })
    await inject({ kind: 'bandwidth', target: 'bj-sh', kbPerSecond: 50 })
    expect(await look(true)).toMatchObject({ proven: false })
  })

  it('too wide to be measured is read back, and says so', async () => {
    expect(await inject({ kind: 'bandwidth', target: 'bj-sh', kbPerSecond: 100_000 })).toMatchObject({
      effect: { proven: true, by: 'reading' },
    })
  })
})
