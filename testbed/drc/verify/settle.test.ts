import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Round, type RowLook, Settling, type ZoneLook } from './settle.ts'

type Write = { readonly key: string; readonly version: bigint; readonly op: 'put' | 'delete' }
type Trouble = 'a write lost on its way' | 'a write that was never logged' | 'a row with other contents'

/** Zones as small as they can be: logs, positions, and rows of which the newest write is kept. */
class World {
  readonly zones: readonly string[]
  readonly logs = new Map<string, Write[]>()
  readonly applied = new Map<string, number>()
  readonly shown = new Map<string, number>()
  readonly rows = new Map<string, Map<string, RowLook>>()
  #time = 1n

  constructor(zones: readonly string[]) {
    this.zones = zones
    for (const zone of zones) {
      this.logs.set(zone, [])
      this.rows.set(zone, new Map())
    }
  }

  /** `late`: it is in the binlog, and may be applied elsewhere, before its own zone shows it. */
  write(zone: string, key: string, op: Write['op'], how: 'at once' | 'late' | 'unlogged' = 'at once'): void {
    this.#time += 1n
    const write = { key, op, version: this.#time }
    if (how === 'unlogged') this.#put(zone, write)
    else this.logs.get(zone)?.push(write)
    if (how === 'at once') this.show(zone)
  }

  /** Whatever is in the binlog is to be seen from now on. */
  show(zone: string): void {
    const log = this.logs.get(zone) ?? []
    for (const write of log.slice(this.shown.get(zone) ?? 0)) this.#put(zone, write)
    this.shown.set(zone, log.length)
  }

  /** One more transaction of `source` in `target`, or its position alone. */
  step(source: string, target: string, lost = false): boolean {
    const at = this.applied.get(`${source}>${target}`) ?? 0
    const write = this.logs.get(source)?.[at]
    if (write === undefined || source === target) return false
    if (!lost) this.#put(target, write)
    this.applied.set(`${source}>${target}`, at + 1)
    return true
  }

  /** The marks may be as far apart as two reads around a snapshot can be. */
  look(zone: string, slack: number): ZoneLook {
    const others = this.zones.filter((other) => other !== zone)
    const positions = others.map((other) => [`${other}/u`, this.applied.get(`${other}>${zone}`) ?? 0] as const)
    const shown = this.shown.get(zone) ?? 0
    return {
      zone,
      has: new Map([...positions, [`${zone}/u`, Math.max(0, shown - slack)]]),
      mayHave: new Map([...positions, [`${zone}/u`, this.logs.get(zone)?.length ?? 0]]),
      rows: new Map(this.rows.get(zone)),
    }
  }

  round(slack: number): Round {
    return this.zones.map((zone) => this.look(zone, slack))
  }

  carryAll(then: () => void = () => undefined): void {
    for (const zone of this.zones) this.show(zone)
    for (const source of this.zones) for (const target of this.zones) while (this.step(source, target)) then()
  }

  spoil(zone: string, key: string): boolean {
    const row = this.rows.get(zone)?.get(key)
    if (!row || row.digest === null) return false
    this.rows.get(zone)?.set(key, { ...row, digest: 'spoilt' })
    return true
  }

  #put(zone: string, { key, op, version }: Write): void {
    const rows = this.rows.get(zone)
    const old = rows?.get(key) ?? { version: 0n, digest: null, tombstone: 0n }
    if (version <= old.version || version <= old.tombstone) return
    const row =
      op === 'put'
        ? { ...old, version, digest: `${key}@${version}` }
        : { version: 0n, digest: null, tombstone: version }
    rows?.set(key, row)
  }
}

const keys = ['a', 'b', 'c']
const step = fc.record({
  what: fc.constantFrom('write', 'write', 'write late', 'show', 'apply', 'apply', 'apply', 'look'),
  zone: fc.nat(2),
  other: fc.nat(2),
  key: fc.constantFrom(...keys),
  op: fc.constantFrom<Write['op']>('put', 'put', 'delete'),
  slack: fc.nat(2),
})
const history = fc.record({
  count: fc.integer({ min: 2, max: 3 }),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
})
type History = typeof history extends fc.Arbitrary<infer H> ? H : never

/** Writes and carries in any order; `look` whenever the history says so. */
function play({ count, steps }: History, look: (round: Round) => void): World {
  const world = new World(['bj', 'sh', 'gz'].slice(0, count))
  const name = (index: number) => world.zones[index % count] ?? ''
  for (const { what, zone, other, key, op, slack } of steps) {
    if (what === 'write') world.write(name(zone), key, op)
    else if (what === 'write late') world.write(name(zone), key, op, 'late')
    else if (what === 'show') world.show(name(zone))
    else if (what === 'apply') world.step(name(zone), name(other))
    else look(world.round(slack))
  }
  return world
}

/** Judges every key from every look on: to the end, when all is carried. */
function judgeAll(one: History): readonly Settling[] {
  const all: Settling[] = []
  const look = (round: Round) => {
    all.push(new Settling(keys))
    for (const settling of all) settling.add(round)
  }
  const world = play(one, look)
  world.carryAll(() => look(world.round(1)))
  for (let end = 0; end < 4; end++) look(world.round(0))
  return all
}

/** Something happens to key `a` (null where it could not), and is judged from then on. */
function judgeTroubled(one: History, trouble: Trouble): { settling: Settling; troubled: string | null } {
  const world = play(one, () => undefined)
  const [here = '', there = ''] = world.zones
  if (trouble === 'a write that was never logged') world.write(here, 'a', 'put', 'unlogged')
  else world.carryAll()
  if (trouble === 'a write lost on its way') {
    world.write(here, 'a', 'put')
    world.step(here, there, true)
  }
  const troubled = trouble !== 'a row with other contents' || world.spoil(there, 'a') ? 'a' : null
  const settling = new Settling(keys)
  settling.add(world.round(1))
  world.carryAll(() => settling.add(world.round(1)))
  for (let end = 0; end < 4; end++) settling.add(world.round(0))
  return { settling, troubled }
}

describe('rows that are looked at while changes travel', () => {
  it('never differ where every change arrives, and settle', () => {
    fc.assert(
      fc.property(history, (one) => {
        const verdicts = judgeAll(one).flatMap((settling) => keys.map((key) => settling.verdict(key)))
        expect(verdicts.filter((verdict) => verdict !== 'equal' && verdict !== 'pending')).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it.each<Trouble>(['a write lost on its way', 'a write that was never logged', 'a row with other contents'])(
    'differ after %s',
    (trouble) => {
      let seen = 0
      fc.assert(
        fc.property(history, (one) => {
          const { settling, troubled } = judgeTroubled(one, trouble)
          seen += troubled === null ? 0 : 1
          for (const key of keys) {
            const verdict = settling.verdict(key)
            if (key === troubled) expect(verdict).toBe('differs')
            else expect(verdict).not.toBe('differs')
          }
        }),
        { numRuns: 500 },
      )
      expect(seen).toBeGreaterThan(50)
    },
  )

  it('are unknown while a zone stands still, however often it is looked at', () => {
    const world = new World(['bj', 'sh'])
    const settling = new Settling(['a'])
    world.write('bj', 'a', 'put')
    for (let time = 0; time < 20; time++) settling.add(world.round(0))
    expect(settling.verdict('a')).toBe('open')
  })

  it('are on their way where each arrives and is changed again', () => {
    const world = new World(['bj', 'sh'])
    const settling = new Settling(['a'])
    for (let time = 0; time < 10; time++) {
      world.step('bj', 'sh')
      world.write('bj', 'a', 'put')
      settling.add(world.round(0))
    }
    expect(settling.verdict('a')).toBe('pending')
  })
})
