import type { FenceDecision, FenceRow } from '@ezone/sdk/model'
import type { LoserFact, OrderFact, Trace } from './facts.ts'

/**
 * How the zones stand to each other.
 *
 * - `equal`: the same row everywhere; `deleted`: it was deleted, and every zone knows.
 * - `lagging`: the zone that serves the order has the newest version, others have not yet.
 * - `ahead`: another zone has a newer one than the zone that serves it: after a takeover, or on its way.
 * - `differing`: the same version everywhere and not the same row, which the platform never does.
 * - `unknown`: a zone could not be asked.
 */
export type Agreement = 'equal' | 'deleted' | 'lagging' | 'ahead' | 'differing' | 'unknown'

export interface ExplainedRow extends OrderFact {
  /** When, and by which zone, this version was born. */
  readonly writtenAt: string
  readonly writtenIn: string
}

/** What the DAL says to a write: the fence first, then the row. */
export type WriteDecision =
  | FenceDecision
  | { readonly kind: 'refuse'; readonly code: 'EZ_ORDER_LOCKED'; readonly why: string }

/** The lane that brings the newest version to a zone, as its applier tells it. */
export interface ExplainedLane {
  readonly source: string
  readonly state: string
  /** Why it does not go on; null where nothing is wrong. */
  readonly code: string | null
  readonly message: string | null
  readonly sinceAt: string | null
}

/** A change that was not kept, and the one that was: when each was born, and in which zone. */
export interface ExplainedLoser extends LoserFact {
  readonly winnerIn: string
  readonly winnerAt: string
  readonly loserIn: string
  readonly loserAt: string
}

export interface ExplainedZone {
  readonly zone: string
  /** Null where the zone could not be asked; `error` says why. */
  readonly fence: FenceRow | null
  readonly row: ExplainedRow | null
  readonly error: string | null
  /** Version of its deletion, and when and by which zone that was; null where it was never deleted. */
  readonly tombstone: string | null
  readonly deletedAt: string | null
  readonly deletedIn: string | null
  readonly conflicts: number
  /** The newest few. */
  readonly losers: readonly ExplainedLoser[]
  /** What the DAL of this zone would say to a write of the order now, under the epoch of the table. */
  readonly decision: WriteDecision | null
  /** How long the newest version has been missing here, 0 where it is here; null where that is not known. */
  readonly behindMs: number | null
  /** Of what it applies from the zone that wrote the newest version; null where no applier told. */
  readonly usualLagMs: number | null
  /** Of the zone that wrote the newest version; null where that is this one, or no applier told. */
  readonly lane: ExplainedLane | null
  /** When this zone last applied anything of the zone that wrote the newest version. */
  readonly lastAppliedAt: string | null
}

/** `data` of `explain`: a contract (docs/output.md), fields are only ever added. */
export interface Explained {
  readonly orderId: string
  readonly tag: string
  readonly rule: string
  readonly cell: number
  readonly shard: number
  readonly shardName: string
  readonly zone: string
  readonly epoch: number
  /** Of the shard; `unknown` where no GZS answers. */
  readonly state: string
  /** Null where no GZS answers; `tableError` says why. */
  readonly tableVersion: number | null
  readonly tableError: string | null
  readonly id: { readonly cell: number; readonly madeIn: string; readonly writer: number; readonly madeAt: string }
  /** True where another zone serves the order than the one that made its id. */
  readonly moved: boolean
  /** The move that is under way now. */
  readonly move: {
    readonly from: string
    readonly to: string
    readonly mode: string
    readonly step: string
    readonly who: string
    readonly why: string
    readonly beganAt: string | null
  } | null
  readonly history: readonly {
    readonly version: number
    readonly at: string
    readonly who: string
    readonly why: string
    readonly before: string
    readonly after: string
  }[]
  /** The zone that serves the order first. */
  readonly zones: readonly ExplainedZone[]
  readonly agreement: Agreement
  /** By its newest version. */
  readonly locked: boolean
  readonly traceId: string | null
  readonly traces: readonly Trace[]
}
