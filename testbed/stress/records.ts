import type { ErrorCode } from '@ezone/sdk/model'

/** What a client knows of an operation when its time is over. What it does not know is neither ok nor failed. */
export type Outcome = 'ok' | 'failed' | 'unknown'

/** What came of one operation, as its client saw it. */
export interface Reply {
  readonly outcome: Outcome
  /** The code of what went wrong; null where nothing did. */
  readonly code: ErrorCode | null
  /** Where the platform says the operation was done, or would have been. */
  readonly zone: string | null
  readonly shard: number | null
  readonly epoch: number | null
  readonly orderId: string | null
  /** `drc_ver` of the row after a write, as text; null for a read. */
  readonly version: string | null
  /** By it the request is found in logs, rows and records of every hop. */
  readonly traceId: string | null
}

/** Something to be done at a given time, whatever became of the others. */
export interface Operation {
  /** Such as `place`: results are told apart by it. */
  readonly kind: string
  /** Makes a write safe to repeat; null for a read. */
  readonly requestKey: string | null
  /** Must end by itself within a limit of its own. What it throws becomes `unknown`, or `failed` by its code. */
  send(signal: AbortSignal): Promise<Reply>
}

/**
 * One operation from the moment it was meant to begin. Times are milliseconds since the run began, on a clock that never
 * goes back; latency counts from the intended time, so that a stall delays all it held up and not the first alone.
 */
export interface LoadRecord extends Reply {
  readonly index: number
  readonly kind: string
  readonly requestKey: string | null
  readonly intendedMs: number
  readonly sentMs: number
  readonly answeredMs: number
}

export const latencyMs = ({ intendedMs, answeredMs }: LoadRecord): number => answeredMs - intendedMs

export const noReply: Reply = {
  outcome: 'unknown',
  code: null,
  zone: null,
  shard: null,
  epoch: null,
  orderId: null,
  version: null,
  traceId: null,
}
