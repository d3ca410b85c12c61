import { EzoneError } from './errors.ts'

/** A request that has entered a zone, from an edge or because it began there, has made this many hops. */
export const enteredHops = 1

/** Into a zone, and once on from there to another one. */
export const hopsMax = 2

export interface Crossing {
  readonly from: string
  readonly to: string
}

/**
 * Hops after a request went on from one zone to another. Counted in the signed tag, so nobody on the way can forget it:
 * with one crossing at most no chain of calls can go to and fro, or in circles.
 * @throws EZ_TOO_MANY_HOPS
 */
export function crossed(hops: number, { from, to }: Crossing): number {
  if (hops < hopsMax) return hops + 1
  throw new EzoneError(
    'EZ_TOO_MANY_HOPS',
    `the call has come to ${from} from another zone and would have to go on to ${to}; nothing was done`,
  )
}
