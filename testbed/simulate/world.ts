import {
  type Cell,
  EzoneError,
  type Merchant,
  merchantSchema,
  type Point,
  pointText,
  type Rider,
  riderSchema,
} from '@ezone/sdk/model'
import { seeded } from '../demand/random.ts'
import type { RouterClient } from '../orders/router-client.ts'
import type { PlannedCity } from './day.ts'
import { patiently } from './patience.ts'
import { beside } from './ride.ts'

/** Requests under way at once while the world is made. */
const atOnceMax = 16
/** How far from the centre of their city shops and riders are. */
const spreadKm = 2.5

export interface Shop {
  readonly merchantId: string
  readonly at: Point
}

/** Shops and riders that exist by now. Where a rider is changes while it rides. */
export interface World {
  readonly shops: ReadonlyMap<number, readonly Shop[]>
  readonly riders: Map<string, Point>
}

interface Wanted {
  readonly kind: 'merchant' | 'rider'
  readonly cell: Cell
  readonly name: string
  readonly at: Point
}

/**
 * Opens the shops and takes on the riders of every city, through the router, as anybody would.
 * @throws the first thing that cannot be done, and begins nothing more
 */
export async function makeWorld(options: {
  readonly router: RouterClient
  readonly cities: readonly PlannedCity[]
  readonly seed: number
  /** Makes the keys of this run unlike those of any other. */
  readonly run: string
  readonly signal: AbortSignal
  readonly onMade: (made: number, of: number) => void
}): Promise<World> {
  const { router, cities, seed, run, signal } = options
  const wanted = cities.flatMap((city) => wantedOf(city, seed))
  const world = { shops: new Map<number, Shop[]>(), riders: new Map<string, Point>() }
  const left = wanted.entries()
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  let made = 0
  const worker = async () => {
    for (const [index, one] of left) {
      await make(router, one, { requestKey: `${run}-made-${index}`, signal: stop, world })
      options.onMade(++made, wanted.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnceMax }, worker))
  } catch (error) {
    failed.abort(error)
    throw error
  }
  return world
}

function wantedOf({ cell, shops, riders }: PlannedCity, seed: number): readonly Wanted[] {
  const random = seeded(seed ^ cell.cell)
  const somewhere = () => beside(cell.point, (random() * 2 - 1) * spreadKm, (random() * 2 - 1) * spreadKm)
  const many = (kind: Wanted['kind'], count: number) =>
    Array.from({ length: count }, (_, i) => ({ kind, cell, name: `${cell.city} ${kind} ${i + 1}`, at: somewhere() }))
  return [...many('merchant', shops), ...many('rider', riders)]
}

async function make(
  router: RouterClient,
  { kind, cell, name, at }: Wanted,
  {
    requestKey,
    signal,
    world,
  }: {
    readonly requestKey: string
    readonly signal: AbortSignal
    readonly world: { readonly shops: Map<number, Shop[]>; readonly riders: Map<string, Point> }
  },
): Promise<void> {
  // The tag is the centre of the city: what lies beside it may be nearer to another one.
  const request = { method: 'POST', path: `/${kind}s`, tag: `geo=${pointText(cell.point)}`, requestKey } as const
  const { body } = await patiently(() => router.send({ ...request, body: { name, ...at }, signal }), signal)
  const thing: Merchant | Rider = kind === 'merchant' ? merchantSchema.parse(body) : riderSchema.parse(body)
  if (thing.cell !== cell.cell)
    throw new EzoneError('EZ_WRONG_ZONE', `${name} (cell ${cell.cell}) was taken for one of cell ${thing.cell}`)
  if ('merchantId' in thing)
    world.shops.set(cell.cell, [...(world.shops.get(cell.cell) ?? []), { merchantId: thing.merchantId, at }])
  else world.riders.set(thing.riderId, at)
}
