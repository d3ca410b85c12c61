import {
  type Clock,
  EzoneError,
  type Point,
  type Position,
  type PositionFate,
  positionFates,
  positionSchema,
} from '@ezone/sdk'
import type { Cache } from '../cache.ts'
import { judgePosition } from './judge.ts'

/** A rider that has said nothing for so long is taken to be where it registered. */
const ttlS = 3_600
const triesMax = 5

const keyOf = (riderId: string) => `delivery:position:${riderId}`

/** Where riders are, in the zone's Redis. Only positions that stand to reason are kept; the others are counted. */
export class Positions {
  readonly #cache: Cache
  readonly #clock: Clock
  readonly #counts = Object.fromEntries(positionFates.map((fate) => [fate, 0])) as Record<PositionFate, number>

  constructor(cache: Cache, clock: Clock) {
    this.#cache = cache
    this.#clock = clock
  }

  get counts(): Readonly<Record<PositionFate, number>> {
    return this.#counts
  }

  /** Judges a position and keeps it if it is good. @throws EZ_STORE_UNREACHABLE, EZ_OVERLOADED */
  async report(riderId: string, position: Position): Promise<PositionFate> {
    const key = keyOf(riderId)
    for (let tries = 0; tries < triesMax; tries++) {
      const before = await this.#cache.get(key)
      const fate = judgePosition(parse(before), position, this.#clock.nowMs())
      const settled = fate !== 'taken' || (await this.#cache.replace(key, { before, value: textOf(position), ttlS }))
      if (!settled) continue
      this.#counts[fate]++
      return fate
    }
    throw new EzoneError('EZ_OVERLOADED', `rider ${riderId} reports from several places at once`)
  }

  /** Where they are now; whoever is missing has not said it lately. @throws EZ_STORE_UNREACHABLE */
  async of(riderIds: readonly string[]): Promise<ReadonlyMap<string, Point>> {
    const texts = await this.#cache.many(riderIds.map(keyOf))
    return new Map(
      riderIds.flatMap((riderId, index) => {
        const position = parse(texts[index] ?? null)
        return position === null ? [] : [[riderId, { lat: position.lat, lng: position.lng }] as const]
      }),
    )
  }
}

const textOf = ({ lat, lng, atMs }: Position) => JSON.stringify({ lat, lng, atMs })

/** What cannot be read is as good as not there: it will be written over. */
function parse(text: string | null): Position | null {
  if (text === null) return null
  try {
    return positionSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
