import { table } from '../face/table.ts'
import { timeOfDay } from './day.ts'
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

/** The outcome first, then a table of zones and their shards; it fits into 100 columns. */
export function simulationText(result: SimulationResult): string {
  const { orders, delivered, cancelled, unfinished, misplaced, notPlaced, positions, perZone } = result
  const { seed, minutes, speed, shops, riders } = result
  const dropped = positions.stale + positions.jumping + positions.ahead
  const errors = Object.entries(result.errors).map(([code, times]) => `${code} ${many(times)} times`)
  const well = unfinished.length + misplaced.length + notPlaced === 0
  const ended = `${many(delivered)} delivered, ${many(cancelled)} cancelled`
  const outcome = well
    ? `${many(orders)} orders, every one has ended in its own zone: ${ended}`
    : `${many(orders)} orders: ${ended}, ${many(unfinished.length)} not ended, ` +
      `${many(misplaced.length)} not where they belong, ${many(notPlaced)} not placed`
  return [
    outcome,
    `${minutes} min at speed ${speed}, ${timeOfDay(0)} to ${timeOfDay(minutes * speed)}; ${many(shops)} shops, ${many(riders)} riders`,
    `${many(positions.taken)} positions taken, ${many(dropped)} dropped: ` +
      `${many(positions.stale)} stale, ${many(positions.jumping)} jumping, ${many(positions.ahead)} ahead`,
    ...(errors.length === 0 ? [] : [`in trouble: ${errors.join(', ')}`]),
    '',
    ruled(
      table(
        head,
        perZone.flatMap((zone) => rowsOf(zone, result)),
      ),
      result,
    ),
    '',
    'p50, p95: simulated minutes from placed to delivered; rider: real seconds an accepted order waited',
    `--seed ${seed} draws the same again`,
  ].join('\n')
}

const many = (count: number) => count.toLocaleString('en-US')

const head = ['zone', 'shard', 'orders', 'share', 'delivered', 'cancelled', 'open', 'p50 min', 'p95 min', 'rider s']

type Row = readonly (string | number | null)[]

/** A zone's own row with its share, then those of its shards with bars: the longest is that of the greatest of all. */
function rowsOf(zone: ZoneSum, { perShard, orders }: SimulationResult): readonly Row[] {
  const own = perShard.filter((sum) => sum.zone === zone.zone)
  const greatest = Math.max(...perShard.map((sum) => sum.orders))
  const row = (sum: ZoneSum, name: string, shard: string, share: string): Row => [
    name,
    shard,
    many(sum.orders),
    share,
    many(sum.delivered),
    many(sum.cancelled),
    many(sum.open),
    ...[sum.p50Min, sum.p95Min, sum.riderP50S].map((value) => value?.toFixed(1) ?? null),
  ]
  const percent = `${((zone.orders / Math.max(1, orders)) * 100).toFixed(1)} %`
  return [
    row(zone, zone.zone, own.length === 1 ? '1 shard' : `${own.length} shards`, percent),
    ...own.map((sum) => row(sum, '', shardName(sum), bar(sum.orders / greatest))),
  ]
}

const shardName = ({ shard, name }: ShardSum) => `${shard} ${name}`.slice(0, shardWidth)

const shardWidth = 16
const barWidth = 10
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A share of the whole width, in eighths of a character: what is there at all is seen. */
function bar(share: number): string {
  const steps = Math.max(1, Math.round(share * barWidth * 8))
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '')
}

/** A line above each zone and below the last, as wide as the widest row. */
function ruled(text: string, { perZone, perShard }: SimulationResult): string {
  const [first = '', ...lines] = text.split('\n')
  const rule = '─'.repeat(Math.max(...[first, ...lines].map((line) => line.length)))
  const blocks = perZone.map(({ zone }) => lines.splice(0, 1 + perShard.filter((sum) => sum.zone === zone).length))
  return [first, ...blocks.flatMap((block) => [rule, ...block]), rule].join('\n')
}
