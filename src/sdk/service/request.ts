import type { z } from 'zod'
import {
  type ErrorCode,
  EzoneError,
  type InternalTag,
  internalHeader,
  parseId,
  readTag,
  requestKeyHeader,
  requestKeySchema,
} from '../model/index.ts'
import type { ServiceContext } from './frame.ts'
import { type Call, jsonBody } from './http.ts'

/** Whose signature is believed, and in which zone. */
export type TrustingContext = Pick<ServiceContext, 'config'>

/** Who asks for a change: under which shard and epoch, and by which key. */
export interface Asker {
  readonly claim: { readonly shard: number; readonly epoch: number; readonly signal?: AbortSignal }
  readonly requestKey: string | null
}

export function askerOf(call: Call, { shard, epoch }: InternalTag): Asker {
  return { claim: { shard, epoch, signal: call.signal }, requestKey: keyOf(call) }
}

/** The signed tag of a call that reads. @throws EZ_UNTRUSTED_TAG, EZ_WRONG_ZONE */
export const readingTag = (call: Call, context: TrustingContext): InternalTag => tagFor(call, context, 'EZ_WRONG_ZONE')

/** The signed tag of a call that writes. @throws EZ_UNTRUSTED_TAG, EZ_WRONG_ZONE_WRITE */
export const writingTag = (call: Call, context: TrustingContext): InternalTag =>
  tagFor(call, context, 'EZ_WRONG_ZONE_WRITE')

/** Says where the sender meant to send it. Whose the shard really is, the database says with every write. */
function tagFor({ headers }: Call, { config }: TrustingContext, wrong: ErrorCode): InternalTag {
  const value = headers[internalHeader]
  const tag = readTag(Array.isArray(value) ? undefined : value, config.secret)
  if (tag.zone === config.zone) return tag
  throw new EzoneError(
    wrong,
    `shard ${tag.shard} belongs to ${tag.zone} under epoch ${tag.epoch}; refused in ${config.zone}`,
  )
}

/** The body of a call. @throws the code given, with every field that is wrong */
export function bodyOf<S extends z.ZodType>(call: Call, schema: S, code: ErrorCode = 'EZ_BAD_REQUEST'): z.output<S> {
  const parsed = schema.safeParse(call.body.length === 0 ? {} : jsonBody(call))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
  throw new EzoneError(code, problems.join('; '))
}

/** The id in the path, or an answer that nothing has it: a text that is no id can be nobody's. */
export function idOf(call: Call, unknown: (id: string) => EzoneError): string {
  const text = call.params.id ?? ''
  if (parseId(text) === undefined) throw unknown(text)
  return text
}

function keyOf({ headers }: Call): string | null {
  const value = headers[requestKeyHeader]
  if (value === undefined) return null
  const parsed = requestKeySchema.safeParse(value)
  if (!parsed.success)
    throw new EzoneError('EZ_BAD_REQUEST', `the header ${requestKeyHeader} must be 1-64 printable characters`)
  return parsed.data
}
