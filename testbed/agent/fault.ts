import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import type { PathProof } from '../links/cut-proof.ts'
import type { Path } from '../links/paths.ts'

const proofSchema = z.strictObject({
  proven: z.boolean(),
  /** How many paths were asked for it. */
  samples: z.int(),
  /** `paths`: shown by probes. `reading`: only read back, since another fault hides the effect on paths. `none`: not yet. */
  by: z.enum(['paths', 'reading', 'none']),
  /** Paths that contradict it. */
  against: z.array(z.string()),
})

/**
 * A fault under a lease, as the journal keeps it.
 *
 *   asked -> active -> ending -> ended
 *
 * `asked` is written before anything is done, so whoever reads the journal after a crash takes it for active.
 */
const faultSchema = z.strictObject({
  id: z.string(),
  kind: z.literal('cut'),
  link: z.string(),
  direction: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
  state: z.enum(['asked', 'active', 'ending', 'ended']),
  askedAtMs: z.number(),
  leaseUntilMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** Why it ended: `lease`, `join`, `stop`, or what went wrong. */
  why: z.string().nullable(),
  effect: proofSchema,
  removal: proofSchema,
  /** Targets (`bj>sh sh/mysql`) that answered before the cut; only these can prove anything. */
  baseline: z.array(z.string()),
  skewMs: z.number(),
})

export const ledgerSchema = z.strictObject({ format: z.literal(1), lastId: z.int(), faults: z.array(faultSchema) })

export type Proof = z.output<typeof proofSchema>
export type Fault = z.output<typeof faultSchema>
export type FaultLedger = z.output<typeof ledgerSchema>

export const noProof: Proof = { proven: false, samples: 0, by: 'none', against: [] }

/** A fault as commands show it. */
export interface FaultReport {
  readonly id: string
  readonly kind: 'cut'
  readonly target: string
  /** `bj:sh` where one way alone is cut; null for both. */
  readonly direction: string | null
  readonly state: Fault['state']
  readonly leaseUntil: string
  readonly effect: Proof
  readonly removal: Proof
  readonly why: string | null
  readonly skewMs: number
}

export function reportOf(fault: Fault): FaultReport {
  const { id, kind, link, direction, state, leaseUntilMs, effect, removal, why, skewMs } = fault
  return {
    id,
    kind,
    target: link,
    direction: direction === null ? null : `${direction.from}:${direction.to}`,
    state,
    leaseUntil: new Date(leaseUntilMs).toISOString(),
    effect,
    removal,
    why,
    skewMs: Math.round(skewMs * 100) / 100,
  }
}

export const isOver = (fault: Fault): boolean => fault.state === 'ended'

/** Tells a path from all others, in the journal and in proofs. */
export const pathKey = (path: Path): string => `${path.from}>${path.to} ${path.target}`

export const proofOf = ({ proven, samples, against }: PathProof): Proof => ({
  proven,
  samples,
  by: 'paths',
  against: against.map(pathKey),
})

/** The error for a fault of which it is not shown that it is gone, or whose removal failed. */
export function notRemoved(fault: Fault, why: Proof | Error): EzoneError {
  const reason = why instanceof Error ? why.message : `these do not answer: ${why.against.join(', ') || 'all'}`
  const message = `fault ${fault.id} of link ${fault.link} is not shown to be gone: ${reason}`
  return new EzoneError('EZ_FAULT_NOT_REMOVED', message, why instanceof Error ? { cause: why } : {})
}

/**
 * A cut that was put in must also be seen.
 * @throws EZ_CUT_LEAKS where paths answered all the same, EZ_FAULT_NOT_PROVEN where nothing answered before it
 */
export function requireInForce(faults: readonly FaultReport[]): void {
  for (const { id, target, effect } of faults) {
    if (effect.proven) continue
    if (effect.against.length > 0)
      throw new EzoneError('EZ_CUT_LEAKS', `fault ${id} cuts ${target}, but these answer: ${effect.against.join(', ')}`)
    throw new EzoneError('EZ_FAULT_NOT_PROVEN', `fault ${id} cuts ${target}, but none of its paths answered before`)
  }
}
