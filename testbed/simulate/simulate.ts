import type { Clock } from '@ezone/sdk/clock'
import { type Cell, type Division, type ErrorCode, EzoneError, isFinal, type PositionFate } from '@ezone/sdk/model'
import type { RoutedOrder, RouterClient } from '../orders/router-client.ts'
import { type PlannedOrder, planDay, timeOfDay } from './day.ts'
import { OrderLife } from './order-life.ts'
import { patiently } from './patience.ts'
import { SimTime } from './sim-time.ts'
import { type ShardSum, sumsOf, type ZoneSum } from './sums.ts'
import { makeWorld } from './world.ts'

export const ordersMax = 20_000
/** After the last order has come: simulated time for rides, and time by the wall clock for what is slow. */
const afterMin = 90
const afterMs = 60_000
const looksAtOnce = 16
const progressMs = 1_000

export interface SimulateOptions {
  readonly router: RouterClient
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  /** How long orders come, by the wall clock. */
  readonly minutes: number
  /** Simulated minutes in a minute. */
  readonly speed: number
  /** Orders per second, on average, by the wall clock. */
  readonly qps: number
  readonly seed: number
  /** Makes the request keys of this run unlike those of any other. */
  readonly run: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: (progress: SimulationProgress) => void
}

export type SimulationProgress =
  | { readonly phase: 'opening'; readonly made: number; readonly of: number }
  | {
      readonly phase: 'running'
      /** Of the simulated day. */
      readonly timeOfDay: string
      readonly placed: number
      readonly ended: number
      readonly of: number
      readonly reports: number
    }
  | { readonly phase: 'checking'; readonly checked: number; readonly of: number }

/** `data` of `simulate`: a contract, fields are only ever added. */
export interface SimulationResult {
  readonly seed: number
  readonly minutes: number
  readonly speed: number
  readonly orders: number
  readonly delivered: number
  readonly cancelled: number
  /** Ids of orders that are in no final state; those that another zone or shard answers for than it should. */
  readonly unfinished: readonly string[]
  readonly misplaced: readonly string[]
  /** Orders that were never placed, and lives that ended early, by the error that ended them. */
  readonly notPlaced: number
  readonly errors: Readonly<Record<string, number>>
  readonly shops: number
  readonly riders: number
  readonly positions: Readonly<Record<PositionFate | 'failed', number>>
  readonly perZone: readonly ZoneSum[]
  readonly perShard: readonly ShardSum[]
}

interface Running {
  readonly placed: Map<number, RoutedOrder>
  readonly errors: Record<string, number>
  readonly positions: Record<PositionFate | 'failed', number>
  ended: number
}

/**
 * Plays a stretch of a day: shops open, riders are taken on, orders come as hungry people have it and live their lives,
 * all through the router. Then asks the platform for every one of them: what counts is what it says at the end.
 */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const { router, minutes, speed, qps, seed, run, signal } = options
  const windowMin = minutes * speed
  const day = planDay({ ...options, orders: Math.round(minutes * 60 * qps), windowMin, seed })
  const onMade = (made: number, of: number) => options.onProgress?.({ phase: 'opening', made, of })
  const world = await makeWorld({ router, cities: day.cities, seed, run, signal, onMade })

  const running: Running = {
    placed: new Map(),
    errors: {},
    positions: { taken: 0, stale: 0, jumping: 0, ahead: 0, failed: 0 },
    ended: 0,
  }
  const [shops, riders] = [[...world.shops.values()].flat().length, world.riders.size]
  await play(options, day.orders, world, running)
  signal.throwIfAborted()

  const found = await lookAtAll(options, [...running.placed.values()])
  const planned = new Map([...running.placed].map(([number, { order }]) => [order.orderId, day.orders[number]]))
  const unfinished = found.filter(({ order }) => !isFinal(order.state)).map(({ order }) => order.orderId)
  const misplaced = found
    .filter(({ order, route }) => order.shard !== route.shard || order.cell !== planned.get(order.orderId)?.cell.cell)
    .map(({ order }) => order.orderId)
  const count = (state: string) => found.filter(({ order }) => order.state === state).length
  return {
    seed,
    minutes,
    speed,
    orders: found.length,
    delivered: count('delivered'),
    cancelled: count('cancelled'),
    unfinished,
    misplaced,
    notPlaced: day.orders.length - running.placed.size,
    errors: running.errors,
    shops,
    riders,
    positions: running.positions,
    ...sumsOf(found, options.divisions, speed),
  }
}

/** @throws EZ_ORDERS_UNFINISHED unless every order was placed, has ended, and is where it belongs */
export function requireAllEnded({ orders, unfinished, misplaced, notPlaced }: SimulationResult): void {
  const some = (ids: readonly string[]) => ids.slice(0, 3).join(', ')
  const wrong = [
    ...(orders === 0 ? ['there was no order'] : []),
    ...(notPlaced > 0 ? [`${notPlaced} orders could not be placed`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} orders did not end (${some(unfinished)})`] : []),
    ...(misplaced.length > 0 ? [`${misplaced.length} orders are not where they belong (${some(misplaced)})`] : []),
  ]
  if (wrong.length > 0) throw new EzoneError('EZ_ORDERS_UNFINISHED', wrong.join('; '))
}

type World = Awaited<ReturnType<typeof makeWorld>>

/** Lives all orders at their times. Ends when all have ended, or when their time is over. */
async function play(
  options: SimulateOptions,
  orders: readonly PlannedOrder[],
  world: World,
  running: Running,
): Promise<void> {
  const { router, clock, minutes, speed, run, seed } = options
  const wallMs = minutes * 60_000 + (afterMin * 60_000) / speed + afterMs
  const time = new SimTime(clock, speed, wallMs)
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), wallMs)
  const signal = AbortSignal.any([options.signal, over.signal])
  const onReport = (fate: PositionFate | 'failed') => void running.positions[fate]++
  const life = async (order: PlannedOrder) => {
    const onPlaced = (routed: RoutedOrder) => void running.placed.set(order.number, routed)
    try {
      await new OrderLife(order, { router, time, speed, world, run, seed, signal, onPlaced, onReport }).live()
    } catch (error) {
      if (!signal.aborted && !EzoneError.is(error)) throw error
      const code: ErrorCode = EzoneError.is(error) ? error.code : 'EZ_WAIT_TIMEOUT'
      running.errors[code] = (running.errors[code] ?? 0) + 1
    }
    running.ended++
  }
  const progress = setInterval(() => options.onProgress?.(stateOf(time, running, orders.length)), progressMs)
  try {
    const lives: Promise<void>[] = []
    for (const order of orders) {
      await time.until(order.atMin, signal).catch(() => undefined)
      if (signal.aborted) break
      lives.push(life(order))
    }
    await Promise.all(lives)
  } finally {
    over.abort()
    clearTimeout(timer)
    clearInterval(progress)
  }
}

function stateOf(time: SimTime, { placed, ended, positions }: Running, of: number): SimulationProgress {
  const reports = Object.values(positions).reduce((sum, count) => sum + count, 0)
  return { phase: 'running', timeOfDay: timeOfDay(time.elapsedMin()), placed: placed.size, ended, of, reports }
}

/** Every order as the platform has it now, found by its id. */
async function lookAtAll(options: SimulateOptions, placed: readonly RoutedOrder[]): Promise<readonly RoutedOrder[]> {
  const { router, signal } = options
  const left = placed.values()
  const found: RoutedOrder[] = []
  const worker = async () => {
    for (const { order } of left) {
      found.push(await patiently(() => router.show(order.orderId, signal), signal))
      options.onProgress?.({ phase: 'checking', checked: found.length, of: placed.length })
    }
  }
  await Promise.all(Array.from({ length: looksAtOnce }, worker))
  return found
}
