import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCells, parseDivisions } from '@ezone/sdk/model'
import { demand } from '../../testbed/demand/demand.ts'
import { seeded } from '../../testbed/demand/random.ts'
import { dealShards, readShardShares } from '../../testbed/topology/shards.ts'
import { mustBe, type Proof } from '../proof.ts'

const draws = 20_000
const seeds = [1, 2, 3, 7719, 20_261_121]

export const proof: Proof = {
  statement: 'The generator, 20,000 draws without servers: 52/48 +-1',
  limitMs: 60_000,
  async see({ root }) {
    const read = (path: string) => readFile(join(root, 'data', path), 'utf8')
    const divisions = parseDivisions(await read('fences/shards-31.csv'))
    const draw = demand(divisions, parseCells(await read('cells.csv')))
    const zoneOf = dealShards(await readShardShares(), ['bj', 'sh'])
    const shardOf = new Map(divisions.map(({ name, shard }) => [name, String(shard)]))
    const percentInBj = seeds.map((seed) => {
      const random = seeded(seed)
      const orders = Array.from({ length: draws }, () => draw(random))
      const inBj = orders.filter(({ cell }) => zoneOf[shardOf.get(cell.division) ?? ''] === 'bj')
      return (inBj.length / draws) * 100
    })
    for (const percent of percentInBj) mustBe(Math.abs(percent - 52) <= 1, `${percent} % of the orders went to bj`)
    return { draws, seeds, percentInBj: percentInBj.map((percent) => Number(percent.toFixed(2))) }
  },
}
