import { cellMax } from './cells.ts'

/**
 * Ids of orders, shops, couriers and users: 63 bits that route by themselves, whatever is split or moved later.
 *
 *   62            31 30      17 16  13 12   8 7       0
 *   | seconds, 32   | cell, 14 | zone | writer | sequence |
 *
 * Seconds are counted from 2025 (they last until 2161). The zone is the one that gave the id, which need not be the one
 * that serves the cell today. In JSON an id is a string: 63 bits do not fit into a JavaScript number.
 */
export interface IdParts {
  readonly seconds: number
  /** 1..16383 */
  readonly cell: number
  /** 1..15 */
  readonly zone: number
  /** 0..31 */
  readonly writer: number
  /** 0..255 */
  readonly sequence: number
}

export const idEpochMs = Date.UTC(2025, 0, 1)
export const sequenceMax = 255
const secondsMax = 2 ** 32 - 1

export function packId({ seconds, cell, zone, writer, sequence }: IdParts): bigint {
  within('seconds', seconds, 0, secondsMax)
  within('cell', cell, 1, cellMax)
  within('zone', zone, 1, 15)
  within('writer', writer, 0, 31)
  within('sequence', sequence, 0, sequenceMax)
  // The lower 31 bits fit into a plain integer: three operations on big ones instead of nine.
  const low = cell * 2 ** 17 + zone * 2 ** 13 + writer * 2 ** 8 + sequence
  return (BigInt(seconds) << 31n) | BigInt(low)
}

/** Any 63-bit number comes apart; whether it ever was an id, `parseId` says. */
export function unpackId(id: bigint): IdParts {
  const low = Number(id & 0x7fff_ffffn)
  return {
    seconds: Number(id >> 31n),
    cell: (low >>> 17) & 0x3fff,
    zone: (low >>> 13) & 0xf,
    writer: (low >>> 8) & 0x1f,
    sequence: low & 0xff,
  }
}

/** An id from its decimal text; undefined where no writer can have made it (no cell 0, no zone 0, 63 bits). */
export function parseId(text: string): bigint | undefined {
  if (!/^[1-9]\d{0,18}$/.test(text)) return undefined
  const id = BigInt(text)
  if (id >> 63n !== 0n) return undefined
  const { cell, zone } = unpackId(id)
  return cell > 0 && zone > 0 ? id : undefined
}

/** The second of an id as a time, milliseconds since the Unix epoch. */
export const idTimeMs = (id: bigint): number => idEpochMs + unpackId(id).seconds * 1000

function within(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`an id's ${name} is a whole number ${min}..${max}, not ${value}`)
}
