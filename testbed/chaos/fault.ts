import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import type { PathProof } from '../links/cut-proof.ts'
import type { Path } from '../links/paths.ts'
import type { LinkHow } from '../links/wanted.ts'

const proofSchema = z.strictObject({
  proven: z.boolean(),
  /** How many paths or processes were looked at for it. */
  samples: z.int(),
  /**
   * `paths`: shown by probes. `processes`: shown by the kernel and by the doors of the servers themselves. `reading`: only
   * read back, since another fault hides the effect. `none`: not yet.
   */
  by: z.enum(['paths', 'processes', 'reading', 'none']),
  /** Paths or servers that contradict it. */
  against: z.array(z.string()),
})

const directionSchema = z.strictObject({ from: z.string(), to: z.string() }).nullable()

const flapSchema = z.strictObject({ type: z.literal('flap'), downMs: z.number(), upMs: z.number() })
const linkHowSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('drop') }),
  z.strictObject({ type: z.literal('stall') }),
  z.strictObject({ type: z.literal('refuse') }),
  z.strictObject({ type: z.literal('latency'), latencyMs: z.number(), jitterMs: z.number() }),
  z.strictObject({ type: z.literal('bandwidth'), kbPerSecond: z.number() }),
]) satisfies z.ZodType<LinkHow>

const linkChangeSchema = z.strictObject({
  link: z.string(),
  direction: directionSchema,
  /** `flap`: dropped and let through by turns, by the agent. */
  how: z.discriminatedUnion('type', [...linkHowSchema.options, flapSchema]),
})

const specChangeSchema = z.strictObject({
  /** Id of a server or service: `bj/mysql`. */
  spec: z.string(),
  how: z.enum(['kill', 'pause', 'restart', 'skew']),
  /** What the clock of a skewed service is ahead of the machine's; 0 otherwise. */
  offsetMs: z.number(),
})

/** What a fault changes, as data: links or processes, never both. */
const planSchema = z.strictObject({ links: z.array(linkChangeSchema), specs: z.array(specChangeSchema) })

/**
 * A fault under a lease, as the journal keeps it.
 *
 *   asked -> active -> ending -> ended
 *
 * `asked` is written before anything is done, so whoever reads the journal after a crash takes it for active.
 */
const faultSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  /** As it was asked for: a link, a zone, a server. */
  target: z.string(),
  direction: directionSchema,
  plan: planSchema,
  state: z.enum(['asked', 'active', 'ending', 'ended']),
  askedAtMs: z.number(),
  leaseUntilMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** Why it ended: `lease`, `join`, `heal`, `stop`, or what went wrong. */
  why: z.string().nullable(),
  effect: proofSchema,
  removal: proofSchema,
  /** Paths (`bj>sh sh/mysql`) that answered before; only these can prove anything. */
  baseline: z.array(z.string()),
  skewMs: z.number(),
})

export const ledgerSchema = z.strictObject({ format: z.literal(2), lastId: z.int(), faults: z.array(faultSchema) })

export type Proof = z.output<typeof proofSchema>
export type Fault = z.output<typeof faultSchema>
export type FaultPlan = z.output<typeof planSchema>
export type LinkChange = z.output<typeof linkChangeSchema>
export type SpecChange = z.output<typeof specChangeSchema>
export type FaultLedger = z.output<typeof ledgerSchema>

export const noProof: Proof = { proven: false, samples: 0, by: 'none', against: [] }

/** A fault as commands show it. */
export interface FaultReport {
  readonly id: string
  readonly kind: string
  readonly target: string
  /** `bj:sh` where one way alone is changed; null for both, and for processes. */
  readonly direction: string | null
  readonly links: readonly string[]
  readonly specs: readonly string[]
  readonly state: Fault['state']
  readonly askedAt: string
  readonly leaseUntil: string
  readonly endedAt: string | null
  readonly effect: Proof
  readonly removal: Proof
  readonly why: string | null
  /** From the first proxy or process that was changed to the last. */
  readonly skewMs: number
}

export function reportOf(fault: Fault): FaultReport {
  const { id, kind, target, direction, plan, state, effect, removal, why, skewMs } = fault
  const at = (ms: number) => new Date(ms).toISOString()
  return {
    id,
    kind,
    target,
    direction: direction === null ? null : `${direction.from}:${direction.to}`,
    links: plan.links.map(({ link }) => link),
    specs: plan.specs.map(({ spec }) => spec),
    state,
    askedAt: at(fault.askedAtMs),
    leaseUntil: at(fault.leaseUntilMs),
    endedAt: fault.endedAtMs === null ? null : at(fault.endedAtMs),
    effect,
    removal,
    why,
    skewMs: Math.round(skewMs * 100) / 100,
  }
}

export const isOver = (fault: Fault): boolean => fault.state === 'ended'

export const linksOf = ({ plan }: { readonly plan: FaultPlan }): readonly string[] => plan.links.map(({ link }) => link)

export const specsOf = ({ plan }: { readonly plan: FaultPlan }): readonly string[] => plan.specs.map(({ spec }) => spec)

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
  const message = `fault ${fault.id} (${fault.kind} of ${fault.target}) is not shown to be gone: ${reason}`
  return new EzoneError('EZ_FAULT_NOT_REMOVED', message, why instanceof Error ? { cause: why } : {})
}

/** The same, from what a command was told. */
export const notGone = ({ id, kind, target, why }: FaultReport): EzoneError =>
  new EzoneError(
    'EZ_FAULT_NOT_REMOVED',
    `fault ${id} (${kind} of ${target}) is not shown to be gone: ${why ?? 'no reason'}`,
  )

/**
 * A fault that was put in must also be seen.
 * @throws EZ_CUT_LEAKS where paths answered all the same, EZ_FAULT_NOT_PROVEN where nothing answered before it
 */
export function requireInForce(faults: readonly FaultReport[]): void {
  for (const { id, kind, target, effect, state } of faults) {
    if (effect.proven || state === 'ended') continue
    const what = `fault ${id} (${kind} of ${target}) is in force`
    if (effect.against.length > 0)
      throw new EzoneError('EZ_CUT_LEAKS', `${what}, but these contradict it: ${effect.against.join(', ')}`)
    throw new EzoneError('EZ_FAULT_NOT_PROVEN', `${what}, but nothing that could show it answered before`)
  }
}
