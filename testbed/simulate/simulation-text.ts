import { table } from '../face/table.ts'
import type { SimulationProgress, SimulationResult } from './simulate.ts'
import type { ShardSum, ZoneSum } from './sums.ts'

/** What a simulation is doing now, in one line. */
export function progressText(progress: SimulationProgress): string {
  switch (progress.phase) {
    case 'opening':
      return `opening shops, taking on riders: ${progress.made} of ${progress.of}`
    case 'running': {
      const { timeOfDay, placed, ended, of, reports } = progress
      return `${timeOfDay}  ${placed} of ${of} orders placed, ${placed - ended} under way, ${ended} ended, ${reports} positions`
    }
    case 'checking':
      return `asking for every order: ${progress.checked} of ${progress.of}`
  }
}

/** The outcome first, then a table per zone and shard; it fits into 100 columns. */
export function simulationText(result: SimulationResult): string {
  const { orders, delivered, cancelled, unfinished, misplaced, notPlaced, positions, perZone, perShard } = result
  const { seed, minutes, speed, shops, riders } = result
  const dropped = positions.stale + positions.jumping + positions.ahead
  const errors = Object.entries(result.errors).map(([code, times]) => `${code} ${times} times`)
  const well = unfinished.length + misplaced.length + notPlaced === 0
  const outcome = well
    ? `${orders} orders, every one has ended in its own zone: ${delivered} delivered, ${cancelled} cancelled`
    : `${orders} orders: ${delivered} delivered, ${cancelled} cancelled, ${unfinished.length} not ended, ` +
      `${misplaced.length} not where they belong, ${notPlaced} not placed`
  return [
    outcome,
    `${minutes} min at speed ${speed}; ${shops} shops, ${riders} riders; ${positions.taken} positions taken, ` +
      `${dropped} dropped (${positions.stale} stale, ${positions.jumping} jumping)`,
    ...(errors.length === 0 ? [] : [`in trouble: ${errors.join(', ')}`]),
    '',
    spaced(
      table(
        head,
        perZone.flatMap((zone) => rowsOf(zone, perShard, orders)),
      ),
      perZone,
      perShard,
    ),
    '',
    `minutes are simulated, from placed to delivered; rider s: real seconds an accepted order waited`,
    `--seed ${seed} draws the same again`,
  ].join('\n')
}

const head = [
  'zone',
  'shard',
  'name',
  'orders',
  'share',
  'delivered',
  'cancelled',
  'open',
  'p50 min',
  'p95 min',
  'rider s',
]

type Row = readonly (string | number | null)[]

/** A zone's own row, then those of its shards. */
function rowsOf(zone: ZoneSum, perShard: readonly ShardSum[], orders: number): readonly Row[] {
  const shards = perShard.filter((sum) => sum.zone === zone.zone)
  return [{ ...zone, shard: null, name: 'all shards' }, ...shards].map((sum) => [
    sum.zone,
    sum.shard,
    sum.name,
    sum.orders,
    `${((sum.orders / orders) * 100).toFixed(1)} %`,
    sum.delivered,
    sum.cancelled,
    sum.open,
    ...[sum.p50Min, sum.p95Min, sum.riderP50S].map((value) => value?.toFixed(1) ?? null),
  ])
}

/** An empty line above each zone. */
function spaced(text: string, perZone: readonly ZoneSum[], perShard: readonly ShardSum[]): string {
  const [first = '', ...lines] = text.split('\n')
  const blocks = perZone.map(({ zone }) => lines.splice(0, 1 + perShard.filter((sum) => sum.zone === zone).length))
  return [first, ...blocks.flatMap((block) => ['', ...block])].join('\n')
}
