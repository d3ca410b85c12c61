import type { PlantedBug } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

const table = 'delivery.orders'
const columns = 'id BIGINT, shard INT NOT NULL DEFAULT 31, epoch BIGINT NOT NULL DEFAULT 1, name VARCHAR(40)'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 58, sh: 59, edge: 60 })
  await ground.table(table, columns)
})
afterAll(() => ground?.[Symbol.asyncDispose]())

/** Ids begin anew for every world, so that no test sees rows of another. */
let first = 0
const id = (number = 1) => first + number

/** Replication without a mistake, and with one: the same steps, so that only the mistake can make the difference. */
async function inBoth<T>(bugs: readonly PlantedBug[], steps: (world: World) => Promise<T>) {
  const sound = await steps(await World.make([]))
  return { sound, broken: await steps(await World.make(bugs)) }
}

class World {
  readonly #bugs: readonly PlantedBug[]
  private constructor(bugs: readonly PlantedBug[]) {
    this.#bugs = bugs
  }

  static async make(bugs: readonly PlantedBug[]): Promise<World> {
    first += 1_000
    const world = new World(bugs)
    await world.join()
    return world
  }

  /** Ends the replication: from now on the zones do not hear of each other. */
  async part(): Promise<void> {
    await Promise.all(ground.zones.map((zone) => ground.platform.program(zone, 'drc').end()))
  }

  async join(): Promise<void> {
    await this.part().catch(() => undefined)
    const sabotage = this.#bugs
    await Promise.all(ground.zones.map((zone) => ground.platform.start(zone, 'drc', { sabotage })))
  }

  /** Row 1, known to both zones, that both then change without having heard of each other; what became of it. */
  async rivals(inBj: string, inSh: string): Promise<readonly unknown[]> {
    await ground.run('bj', `INSERT INTO ${table} (id, name) VALUES (${id()}, 'first')`)
    await ground.caughtUp()
    await this.part()
    await ground.run('sh', inSh)
    await ground.run('bj', inBj)
    await this.join()
    await ground.caughtUp()
    return Promise.all(ground.zones.map(async (zone) => (await rows(zone))[0]?.name))
  }
}

const rows = (zone: string) =>
  ground.run(zone, `SELECT id, name, drc_ver FROM ${table} WHERE id > ${first} ORDER BY id`)
const change = (name: string) => `UPDATE ${table} SET name = '${name}' WHERE id = ${id()}`

describe('a planted bug of the replication', () => {
  it('lost-apply leaves out some changes, and nobody waits for them', async () => {
    const { sound, broken } = await inBoth(['lost-apply'], async () => {
      for (let number = 1; number <= 300; number++)
        await ground.run('bj', `INSERT INTO ${table} (id, name) VALUES (${id(number)}, 'x')`)
      await ground.caughtUp()
      return (await rows('sh')).length
    })
    expect(sound).toBe(300)
    expect(broken).toBeGreaterThan(200)
    expect(broken).toBeLessThan(300)
  })

  it('reversed-winner makes of two rivals the older one the row, in both zones', async () => {
    const { sound, broken } = await inBoth(['reversed-winner'], (world) =>
      world.rivals(change('written last'), change('written first')),
    )
    expect(sound).toEqual(['written last', 'written last'])
    expect(broken).toEqual(['written first', 'written first'])
    const [conflict] = (await ground.conflicts('bj')).filter(({ key }) => key.includes(String(id())))
    expect(BigInt(conflict?.loserVer ?? 0)).toBeGreaterThan(BigInt(conflict?.winnerVer ?? 0))
  })

  it('tombstone-off lets an older change bring back what was deleted', async () => {
    const { sound, broken } = await inBoth(['tombstone-off'], (world) =>
      world.rivals(`DELETE FROM ${table} WHERE id = ${id()}`, change('written before the delete')),
    )
    expect(sound).toEqual([undefined, undefined])
    expect(broken[0]).toBe('written before the delete')
  })

  it('loop-filter-off has a zone log what another one wrote, without an end to what it does itself', async () => {
    const { sound, broken } = await inBoth(['loop-filter-off'], async () => {
      for (let number = 1; number <= 5; number++)
        await ground.run('bj', `INSERT INTO ${table} (id, name) VALUES (${id(number)}, 'x')`)
      await ground.caughtUp()
      await ground.run('sh', `INSERT INTO ${table} (id, name) VALUES (${id(6)}, 'own')`)
      // Echoes have numbers of their own, so positions say nothing here.
      await expect.poll(async () => (await rows('bj')).length, { timeout: 20_000, interval: 50 }).toBe(6)
      const relay = await ground.role('sh', 'relay', 'sh')
      return { rows: relay?.rows ?? 0, state: relay?.state }
    })
    expect(sound).toEqual({ rows: 1, state: 'running' })
    expect(broken).toEqual({ rows: 6, state: 'running' })
  })

  it('skipped-barrier comes with appliers that are late, and lying-lag says nothing of it', async () => {
    const arrive = async () => {
      await ground.run('bj', `INSERT INTO ${table} (id, name) VALUES (${id()}, 'x')`)
      await ground.caughtUp()
      const applier = await ground.role('sh', 'applier', 'bj')
      return applier?.lagMs?.last ?? Number.NaN
    }
    const { broken } = await inBoth(['skipped-barrier'], arrive)
    // The row's version is a little older than its commit, and the clock of MySQL counts in other steps.
    expect(broken).toBeGreaterThan(1_100)
    const { broken: lie } = await inBoth(['skipped-barrier', 'lying-lag'], arrive)
    expect(lie).toBe(0)
  })
})
