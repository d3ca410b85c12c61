import { codeOf, MultiError } from './errors.ts'
import { type JuteReader, JuteWriter } from './jute.ts'
import { checkPath } from './paths.ts'
import { opCodes } from './protocol.ts'
import { readStat } from './records.ts'
import { type Created, createOp, type Request, readCreated, request, writeCreate } from './requests.ts'
import type { CreateOptions, Stat } from './types.ts'

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

type MultiResult = MultiResultOf[MultiOp['kind']]

/** The results of these operations, each at its place. */
export type MultiResults<Ops extends readonly MultiOp[]> = { -readonly [K in keyof Ops]: MultiResultOf[Ops[K]['kind']] }

/** The operations of a transaction. Version -1 is any. */
export const op = {
  check: (path: string, version: number) => ({ kind: 'check', path, version }) as const,
  create: (path: string, data: Buffer | string, options: CreateOptions = {}) =>
    ({ kind: 'create', path, data, options }) as const,
  set: (path: string, data: Buffer | string, version = -1) => ({ kind: 'set', path, data, version }) as const,
  delete: (path: string, version = -1) => ({ kind: 'delete', path, version }) as const,
}

/** On the wire each operation has a header {type, done, error} before it, and a header that is `done` ends the list. */
export function multiRequest<const Ops extends readonly MultiOp[]>(ops: Ops): Request<MultiResults<Ops>> {
  const writer = new JuteWriter().int(0).int(opCodes.multi)
  for (const one of ops) {
    checkPath(one.path)
    writer.int(codeOfOp(one)).bool(false).int(-1)
    writeOp(writer, one)
  }
  writer.int(-1).bool(true).int(-1)
  const path = ops[0]?.path ?? null
  return request('multi', path, writer, true, (reader) => readResults(reader, ops) as MultiResults<Ops>)
}

function codeOfOp(one: MultiOp): number {
  if (one.kind === 'create') return createOp(one.options)
  return { check: opCodes.check, set: opCodes.setData, delete: opCodes.delete }[one.kind]
}

function writeOp(writer: JuteWriter, one: MultiOp): void {
  if (one.kind === 'create') {
    writeCreate(writer, one.path, one.data, one.options)
    return
  }
  writer.string(one.path)
  if (one.kind === 'set') writer.buffer(Buffer.from(one.data))
  writer.int(one.version)
}

/**
 * A transaction that was refused has an error for each operation: 0 before the one that was the reason, its code, and
 * RUNTIME_INCONSISTENCY after it.
 * @throws MultiError
 */
function readResults(reader: JuteReader, ops: readonly MultiOp[]): MultiResult[] {
  const results: MultiResult[] = []
  for (const [index, { path }] of ops.entries()) {
    const type = reader.int()
    reader.bool()
    reader.int()
    const error = type === opCodes.error ? reader.int() : 0
    if (error !== 0) throw new MultiError(codeOf(error), index, path)
    results.push(readResult(reader, type))
  }
  return results
}

function readResult(reader: JuteReader, type: number): MultiResult {
  if (type === opCodes.setData) return readStat(reader)
  const creates: readonly number[] = [opCodes.create2, opCodes.createContainer, opCodes.createTtl]
  return creates.includes(type) ? readCreated(reader) : null
}
