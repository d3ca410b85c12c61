import type { SimulationResult } from '../../testbed/simulate/simulate.ts'
import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

interface Shards {
  readonly shards: readonly { readonly shard: number; readonly zone: string }[]
}

const numberOf: Readonly<Record<string, number>> = { bj: 1, sh: 2 }

export const proof: Proof = {
  statement: '`ezone simulate`: every order ends in a terminal state in its own zone',
  limitMs: 9 * 60_000,
  async see() {
    await using whole = await Whole.up()
    const said = await whole.run<SimulationResult>('simulate', '--minutes', '5', '--speed', '60', '--seed', '7719')
    const { shards } = await whole.run<Shards>('shard', 'list')
    const ownerOf = new Map(shards.map(({ shard, zone }) => [shard, zone]))
    mustBe((await whole.run<{ equal: boolean }>('drc', 'verify')).equal, 'the zones differ')
    const states: Record<string, number> = {}
    const perZone: Record<string, number> = {}
    for (const row of await whole.rows('bj', 'SELECT order_id, shard, zone, state, drc_ver FROM delivery.orders')) {
      const owner = ownerOf.get(Number(row.shard)) ?? ''
      const writer = Number(BigInt(row.drc_ver) & 15n)
      mustBe(row.zone === owner, `order ${row.order_id} of shard ${row.shard} ended in ${row.zone}, not in ${owner}`)
      mustBe(writer === numberOf[owner], `order ${row.order_id} of ${owner} was last written by zone ${writer}`)
      states[row.state] = (states[row.state] ?? 0) + 1
      perZone[owner] = (perZone[owner] ?? 0) + 1
    }
    const open = Object.keys(states).filter((state) => state !== 'delivered' && state !== 'cancelled')
    mustBe(open.length === 0, `orders are still ${open.join(', ')}`)
    const orders = Object.values(states).reduce((sum, count) => sum + count, 0)
    mustBe(
      orders === said.orders && orders > 500,
      `the databases have ${orders} orders, the command says ${said.orders}`,
    )
    const { seed, minutes, speed, shops, riders, positions, errors } = said
    return { seed, minutes, speed, orders, states, perZone, strays: 0, shops, riders, positions, errors }
  },
}
