import type { CreateOptions, Stat } from './types.ts'

export interface Created {
  /** With its sequence number, where there is one. */
  readonly path: string
  readonly stat: Stat
}

export type MultiOp =
  | { readonly kind: 'check'; readonly path: string; readonly version: number }
  | { readonly kind: 'create'; readonly path: string; readonly data: Buffer | string; readonly options: CreateOptions }
  | { readonly kind: 'set'; readonly path: string; readonly data: Buffer | string; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }

export interface MultiResultOf {
  check: null
  create: Created
  set: Stat
  delete: null
}

export type MultiResults<Ops extends readonly MultiOp[]> = { -readonly [K in keyof Ops]: MultiResultOf[Ops[K]['kind']] }

/** The operations of a transaction. Version -1 is any. */
export const op = {
  check: (path: string, version: number) => ({ kind: 'check', path, version }) as const,
  create: (path: string, data: Buffer | string, options: CreateOptions = {}) =>
    ({ kind: 'create', path, data, options }) as const,
  set: (path: string, data: Buffer | string, version = -1) => ({ kind: 'set', path, data, version }) as const,
  delete: (path: string, version = -1) => ({ kind: 'delete', path, version }) as const,
}
