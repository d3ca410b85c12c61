import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Round, type RowLook, Settling, type ZoneLook } from './settle.ts'

type Write = { readonly key: string; readonly version: bigint; readonly op: 'put' | 'delete' }
type Trouble = 'none' | 'write lost on its way' | 'write never logged' | 'other contents'

/** Zones as small as they can be: logs, positions, and rows of which the newest write is kept. */
class World {
  readonly zones: readonly string[]
  readonly logs = new Map<string, Write[]>()
  readonly applied = new Map<string, number>()
  readonly rows = new Map<string, Map<string, RowLook>>()
  #time = 1n

  constructor(zones: readonly string[]) {
    this.zones = zones
    for (const zone of zones) {
      this.logs.set(zone, [])
      this.rows.set(zone, new Map())
    }
  }

  write(zone: string, key: string, op: Write['op'], logged = true): void {
    this.#time += 1n
    const write = { key, op, version: this.#time }
    this.#put(zone, write)
    if (logged) this.logs.get(zone)?.push(write)
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
    const own = this.logs.get(zone)?.length ?? 0
    return {
      zone,
      has: new Map([...positions, [`${zone}/u`, Math.max(0, own - slack)]]),
      mayHave: new Map([...positions, [`${zone}/u`, own]]),
      rows: new Map(this.rows.get(zone)),
    }
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
  what: fc.constantFrom('write', 'write', 'apply', 'apply', 'apply', 'look'),
  zone: fc.nat(2),
  other: fc.nat(2),
  key: fc.constantFrom(...keys),
  op: fc.constantFrom<Write['op']>('put', 'put', 'delete'),
  slack: fc.nat(2),
})
const history = fc.record({ count: fc.integer({ min: 2, max: 3 }), steps: fc.array(step, { maxLength: 120 }) })
type History = typeof history extends fc.Arbitrary<infer H> ? H : never

/** Looks while writes are made and carried, in any order; then everything is carried, and looked at to the end. */
function play({ count, steps }: History, trouble: Trouble): { settling: Settling; troubled: string | null } {
  const world = new World(['bj', 'sh', 'gz'].slice(0, count))
  const settling = new Settling(keys)
  const name = (index: number) => world.zones[index % count] ?? ''
  const round = (slack: number): Round => world.zones.map((zone) => world.look(zone, slack))
  for (const { what, zone, other, key, op, slack } of steps) {
    if (what === 'write') world.write(name(zone), key, op)
    else if (what === 'apply') world.step(name(zone), name(other))
    else settling.add(round(slack))
  }
  if (trouble === 'none') {
    carryAll(world, () => settling.add(round(1)))
    for (let end = 0; end < 4; end++) settling.add(round(0))
    return { settling, troubled: null }
  }
  const [here, there] = [name(0), name(1)]
  if (trouble === 'write never logged') world.write(here, 'a', 'put', false)
  if (trouble === 'write lost on its way') {
    carryAll(world, () => undefined)
    world.write(here, 'a', 'put')
    world.step(here, there, true)
  }
  if (trouble === 'other contents') carryAll(world, () => undefined)
  const troubled = trouble !== 'other contents' || world.spoil(there, 'a') ? 'a' : null
  const judged = new Settling(keys)
  judged.add(round(1))
  carryAll(world, () => judged.add(round(1)))
  for (let end = 0; end < 4; end++) judged.add(round(0))
  return { settling: judged, troubled }
}

function carryAll(world: World, then: () => void): void {
  for (const source of world.zones) for (const target of world.zones) while (world.step(source, target)) then()
}

describe('rows that are looked at while changes travel', () => {
  it('never differ where every change arrives, and settle', () => {
    fc.assert(
      fc.property(history, (one) => {
        const { settling } = play(one, 'none')
        expect(
          keys.map((key) => settling.verdict(key)).filter((verdict) => verdict !== 'equal' && verdict !== 'pending'),
        ).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it.each<Trouble>(['write lost on its way', 'write never logged', 'other contents'])(
    'differ after a %s',
    (trouble) => {
      let seen = 0
      fc.assert(
        fc.property(history, (one) => {
          const { settling, troubled } = play(one, trouble)
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
    for (let time = 0; time < 20; time++) settling.add(world.zones.map((zone) => world.look(zone, 0)))
    expect(settling.verdict('a')).toBe('open')
  })

  it('are on their way where each arrives and is changed again', () => {
    const world = new World(['bj', 'sh'])
    const settling = new Settling(['a'])
    for (let time = 0; time < 10; time++) {
      world.step('bj', 'sh')
      world.write('bj', 'a', 'put')
      settling.add(world.zones.map((zone) => world.look(zone, 0)))
    }
    expect(settling.verdict('a')).toBe('pending')
  })
})
