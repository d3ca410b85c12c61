import { join } from 'node:path'
import process from 'node:process'

import { type Point, routingTableSchema, TableIndex } from '@ezone/sdk/model'
import { Decider, type Ground, readGround } from '../../src/sdk/routing/index.ts'
import { type Random, seeded, weighted } from '../../testbed/demand/random.ts'
import { packageRoot } from '../../testbed/surroundings/folders.ts'
import { atLeast, busy, type Measured, median, merely } from './figures.ts'

const pointCount = 100_000
const seed = 4

/** How many positions one core decides in a second of its time, whoever else wants it: positions of clients, and positions anywhere in the country. */
export async function routing(rounds: number): Promise<Measured> {
  const before = busy()
  const ground = await readGround(join(packageRoot, 'data'))
  const decider = new Decider(ground.fences, ground.cells)
  const table = tableOf(ground)
  const chance = seeded(seed)
  const clients = clientsOf(ground, chance)
  const inside = Array.from({ length: pointCount }, () => clients())
  const anywhere = Array.from({ length: pointCount }, () => ({ lat: 18 + 35 * chance(), lng: 74 + 61 * chance() }))
  const within = anywhere.filter((point) => ground.fences.around(point).length > 0)
  const [clientRate, countryRate] = [rate(inside), rate(within)]
  return {
    figures: [
      atLeast('routing decisions by coordinates, one core', median(clientRate), '/s', 500_000),
      merely('the same, positions spread over the whole country', median(countryRate), '/s'),
    ],
    load: [before, busy()],
    notes: { rounds, positions: pointCount, seed, best: Math.round(Math.max(...clientRate)) },
  }

  function rate(points: readonly Point[]): readonly number[] {
    const decideAll = () => {
      let sum = 0
      for (const point of points) sum += decider.decide({ kind: 'geo', point }, table).epoch
      return sum
    }
    decideAll()
    return Array.from({ length: rounds }, () => {
      const began = process.cpuUsage()
      if (decideAll() < points.length) throw new Error('a decision had no epoch')
      const { user, system } = process.cpuUsage(began)
      return (points.length / (user + system)) * 1_000_000
    })
  }
}

const tableOf = ({ divisions, cells }: Ground): TableIndex =>
  new TableIndex(
    routingTableSchema.parse({
      version: 1,
      shards: divisions.map(({ shard, name, zone }) => ({ shard, name, zone, state: 'ACTIVE', epoch: 1 })),
      cells: cells.map(({ cell, shard }) => [cell, shard]),
    }),
  )

/** Where people are: within some twenty kilometres of a city, by its population; some of them off a simplified coast. */
function clientsOf({ cells }: Ground, chance: Random): () => Point {
  const city = weighted(cells, ({ population }) => population)
  const around = () => 0.2 * (chance() + chance() - 1)
  return () => {
    const { lat, lng } = city(chance).point
    return { lat: lat + around(), lng: lng + around() }
  }
}
