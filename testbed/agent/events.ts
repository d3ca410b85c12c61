import type { EzoneError } from '@ezone/sdk/model'
import type { Phase } from '../session/phases.ts'
import type { Op } from '../session/plan.ts'

/**
 * What happens in a testbed, as it happens. The agent appends every event to `events.ndjson`; terminal, `--events` and
 * later report and console are views of the same stream.
 */
export type AgentEvent = { readonly at: string } & (
  | { readonly type: 'phase'; readonly phase: Phase; readonly verb: string | null }
  | { readonly type: 'plan'; readonly ops: readonly Op[] }
  | {
      readonly type: 'op'
      readonly id: string
      readonly target: string
      readonly state: 'begun' | 'done' | 'failed'
      readonly ms: number
    }
  /** A stage beside the plan: fetching servers, templates, measuring. */
  | {
      readonly type: 'stage'
      readonly stage: Stage
      readonly state: 'begun' | 'note' | 'done'
      readonly text: string
      readonly ms: number
    }
  | { readonly type: 'warning'; readonly text: string }
  /** A server or service ended although nobody asked for it. */
  | { readonly type: 'died'; readonly target: string; readonly lastLines: readonly string[] }
  | {
      readonly type: 'fault'
      readonly id: string
      readonly kind: string
      readonly target: string
      /** The first link it is on; empty where it is on none. */
      readonly link: string
      readonly state: string
      readonly text: string
    }
)

export type Stage = 'servers' | 'templates' | 'measure' | 'undo'

/** An event before it is stamped with the time. */
export type NewEvent = AgentEvent extends infer E ? (E extends { readonly at: string } ? Omit<E, 'at'> : never) : never

/** Last line of an operation's stream: its result or its error, never neither. */
export type StreamEnd =
  | { readonly type: 'result'; readonly data: unknown }
  | { readonly type: 'error'; readonly error: ReturnType<EzoneError['toJSON']> }
