import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pathsOf } from '../links/paths.ts'
import { killedHolder } from '../testing/killed-holder.ts'
import { answersPings, groundBlueprint, LinkGround, serveDoor, until } from '../testing/link-ground.ts'
import type { FaultLedger } from './fault.ts'
import { type FaultWish, LeaseKeeper } from './leases.ts'
import { LinkActs } from './link-acts.ts'

const blueprint = groundBlueprint({
  places: { bj: 151, sh: 152 },
  rttMs: 30,
  doors: ['bj', 'sh'].map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
})
const link = 'bj-sh'
const soon = () => AbortSignal.timeout(30_000)

/** A clock that stands where it is put, and goes on from there as time does. */
class SetClock implements Clock {
  wallMs = 0
  steadyMs = 0
  nowMs = () => systemClock.nowMs() + this.wallMs
  monotonicMs = () => systemClock.monotonicMs() + this.steadyMs
}

const owned = new AsyncDisposableStack()
let ground: LinkGround
let file: string
let told: string[]
beforeAll(async () => {
  ground = owned.use(await LinkGround.start(blueprint))
  const folder = await mkdtemp(join(tmpdir(), 'ezone-leases-'))
  owned.defer(() => rm(folder, { recursive: true }))
  file = join(folder, 'leases.json')
  for (const spec of blueprint.specs)
    for (const port of spec.kind === 'redis' ? spec.ports : []) owned.use(await serveDoor(port.host, answersPings))
})
afterAll(async () => owned.disposeAsync())
beforeEach(async () => {
  await rm(file, { force: true })
  told = []
  await ground.restart('bj-sh/toxiproxy')
  await ground.driver(link).raise(soon())
})

/** Another keeper has drivers of its own, as another agent would. */
async function openKeeper(clock: Clock = systemClock, drivers = ground.freshDrivers()) {
  return LeaseKeeper.open({
    file,
    clock,
    links: new LinkActs({ clock, drivers, paths: pathsOf(blueprint), credentialsOf: () => ({}) }),
    tell: (event) => told.push(`${event.id} ${event.state} ${event.text}`),
  })
}
const stateNow = async () => (await ground.driver(link).state(soon())).state
const journal = async () => JSON.parse(await readFile(file, 'utf8')) as FaultLedger
const cut = (direction: FaultWish['direction'], forMs = 60_000, name = link): FaultWish => ({
  kind: 'partition',
  target: name,
  direction,
  plan: { links: [{ link: name, direction, how: { type: 'drop' } }], specs: [] },
  forMs,
})
const both = cut(null)

describe('a fault', () => {
  it('is on disk before it has any effect', async () => {
    await using keeper = await openKeeper()
    await ground.kill('bj-sh/toxiproxy')
    await expect(keeper.inject(both, soon())).rejects.toMatchObject({ code: 'EZ_LINK_UNCONTROLLED' })
    expect((await journal()).faults).toMatchObject([{ id: 'f1', target: link, why: 'it could not be put in' }])
  })

  it('has its effect and its removal shown by every path of the link', async () => {
    await using keeper = await openKeeper()
    const begun = await keeper.inject(both, soon())
    expect(begun).toMatchObject({ state: 'active', effect: { proven: true, samples: 2, by: 'paths', against: [] } })
    expect(await stateNow()).toBe('cut')
    const [joined] = await keeper.join(link)
    expect(joined).toMatchObject({ id: begun.id, state: 'ended', removal: { proven: true, samples: 2, by: 'paths' } })
    expect(await stateNow()).toBe('open')
  })

  it('ends by itself when its time is over', async () => {
    await using keeper = await openKeeper()
    await keeper.inject(cut(null, 1_000), soon())
    await until(() => keeper.faults()[0]?.state === 'ended', 10_000)
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease', removal: { proven: true } }])
    expect(await stateNow()).toBe('open')
  })

  it('does not last longer because the wall clock was set back', async () => {
    const clock = new SetClock()
    await using keeper = await openKeeper(clock)
    await keeper.inject(both, soon())
    clock.wallMs = -3_600_000
    clock.steadyMs = 61_000
    await keeper.expire()
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease' }])
  })

  it('on a link that has one already stands on top of it: each ends alone, a join ends both', async () => {
    await using keeper = await openKeeper()
    await keeper.inject(cut({ from: 'bj', to: 'sh' }), soon())
    const second = await keeper.inject(cut(null, 1_000), soon())
    expect(second.effect).toMatchObject({ proven: true, by: 'reading' })
    await until(() => keeper.faults()[1]?.state === 'ended', 10_000)
    expect(await stateNow()).toBe('cut bj:sh')
    await keeper.inject(both, soon())
    expect(await stateNow()).toBe('cut')
    expect((await keeper.join(link)).map((fault) => fault.removal.by)).toEqual(['reading', 'paths'])
    expect(await stateNow()).toBe('open')
  })

  it('is not called removed until it is shown, and its removal is tried until it is', async () => {
    const clock = new SetClock()
    await using keeper = await openKeeper(clock)
    await keeper.inject(both, soon())
    await ground.kill('bj-sh/toxiproxy')
    await expect(keeper.join(link)).rejects.toMatchObject({ code: 'EZ_FAULT_NOT_REMOVED' })
    expect(keeper.faults()).toMatchObject([{ state: 'ending', removal: { proven: false } }])
    await ground.restart('bj-sh/toxiproxy')
    await ground.driver(link).raise(soon())
    clock.steadyMs = 20_000
    await keeper.expire()
    expect(keeper.faults()).toMatchObject([{ state: 'ended', removal: { proven: true, samples: 2 } }])
  })

  it('of an unknown link, or in a direction that a link does not have, is refused and not written down', async () => {
    await using keeper = await openKeeper()
    await expect(keeper.inject(cut(null, 60_000, 'bj-gz'), soon())).rejects.toMatchObject({ code: 'EZ_UNKNOWN_LINK' })
    const astray = { from: 'bj', to: 'edge' }
    await expect(keeper.inject(cut(astray), soon())).rejects.toMatchObject({ code: 'EZ_USAGE' })
    await expect(keeper.join('bj-gz')).rejects.toMatchObject({ code: 'EZ_UNKNOWN_LINK' })
    expect(keeper.faults()).toEqual([])
  })
})

describe('a keeper that comes after one that was killed', () => {
  const killed = (forMs: number) => killedHolder(file, blueprint, cut(null, forMs))

  it('takes up a fault whose time is not over, and ends it when it is', async () => {
    await killed(60_000)
    expect(await stateNow()).toBe('cut')
    const clock = new SetClock()
    await using keeper = await openKeeper(clock)
    await keeper.resume(soon())
    expect(keeper.faults()).toMatchObject([{ id: 'f1', state: 'active' }])
    expect(await stateNow()).toBe('cut')
    clock.wallMs = 61_000
    await keeper.expire()
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease', removal: { proven: true, samples: 2 } }])
    expect(await stateNow()).toBe('open')
  })

  it('ends at once what was over meanwhile', async () => {
    await killed(60_000)
    const clock = new SetClock()
    clock.wallMs = 3_600_000
    await using keeper = await openKeeper(clock)
    await keeper.resume(soon())
    expect(keeper.faults()).toMatchObject([{ state: 'ended', why: 'lease' }])
    expect(await stateNow()).toBe('open')
  })

  it('puts a fault back into a Toxiproxy that was killed with its keeper, before anybody gets through', async () => {
    await killed(60_000)
    await ground.restart('bj-sh/toxiproxy')
    const drivers = ground.freshDrivers()
    await using keeper = await openKeeper(systemClock, drivers)
    await drivers.get(link)?.raise(soon())
    expect(await stateNow()).toBe('cut')
    await keeper.join(link)
    expect(await stateNow()).toBe('open')
  })

  it('puts an unreadable journal aside, says so, and removes faults that nobody knows of', async () => {
    await killed(60_000)
    await writeFile(file, '{"format":2,"lastId":1,"fau')
    await using keeper = await openKeeper()
    await keeper.resume(soon())
    expect(await stateNow()).toBe('open')
    expect(await readFile(`${file}.unreadable`, 'utf8')).toContain('"fau')
    expect(told.join('\n')).toContain('no journal knew of it')
    expect(told.join('\n')).toContain('could not be read')
  })
})
