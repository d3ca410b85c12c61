import type { Address } from '@ezone/sdk/model'

/** How a program ended: by itself with a number, or by a signal. */
export interface Ending {
  readonly exit: number | null
  readonly signal: string | null
}

/** What goes on while a service is being developed; each with `at` in front is a line of `--events`. */
export type DevEvent =
  | { readonly type: 'starting'; readonly zone: string; readonly pid: number }
  | { readonly type: 'serving'; readonly zone: string; readonly address: Address; readonly ms: number }
  | { readonly type: 'log'; readonly zone: string; readonly text: string }
  | { readonly type: 'changed'; readonly files: readonly string[] }
  /** The new program did not come to serve; the one before it goes on, where there was one. */
  | { readonly type: 'kept'; readonly zone: string; readonly serving: boolean; readonly why: string }
  /** It ended by itself. `againInMs` is null where it is not started again before something is saved. */
  | ({
      readonly type: 'crashed'
      readonly zone: string
      readonly lastLines: readonly string[]
      readonly againInMs: number | null
    } & Ending)
  /** It was asked through a router, as any client does. `answered` is null where that did not come to it in time. */
  | {
      readonly type: 'reachable'
      readonly zone: string
      readonly city: string
      readonly tag: string
      readonly url: string
      readonly answered: number | null
    }
  | { readonly type: 'warning'; readonly text: string }

export type OnDevEvent = (event: DevEvent) => void
