import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { EzoneError } from './errors.ts'

/** The header that carries the decision of the edge to the services of a zone. Clients' own are stripped. */
export const internalHeader = 'x-ezone-internal'

const schema = z.strictObject({
  shard: z.int().min(1),
  cell: z.int().min(1),
  zone: z.string(),
  epoch: z.int().min(1),
  /** How many zone borders the request has crossed. */
  hops: z.int().min(0).max(9),
  /** For so long, from when it arrives, somebody waits for the answer: no hop has to have the time of another one. */
  leftMs: z.int().min(1),
  /** Handed on by a SOA proxy of the zone to another one of the same zone, which must answer it: zones with several IDCs. */
  relayed: z.literal(true).optional(),
})

/** Where a request belongs, as the router decided it. Believed because it is signed. */
export type InternalTag = z.output<typeof schema>

const version = 'v2'
const textMax = 1024

/** `v2.<payload>.<HMAC-SHA-256 of both>`, base64url. */
export function signTag(tag: InternalTag, secret: string): string {
  const payload = `${version}.${Buffer.from(JSON.stringify(tag)).toString('base64url')}`
  return `${payload}.${mac(payload, secret).toString('base64url')}`
}

/**
 * The tag, if it was signed with this secret.
 * @throws EZ_UNTRUSTED_TAG where it is missing, malformed or not signed by us
 */
export function readTag(text: string | undefined, secret: string): InternalTag {
  if (text === undefined || text === '') throw untrusted('the request carries no internal tag')
  const end = text.lastIndexOf('.')
  if (text.length > textMax || end < 0) throw untrusted('the internal tag has not the form of one')
  const payload = text.slice(0, end)
  if (!equal(Buffer.from(text.slice(end + 1), 'base64url'), mac(payload, secret)))
    throw untrusted('the internal tag is not signed by the routers of this testbed')
  return parsePayload(payload)
}

/** Only reached by text that we signed; a newer version of ourselves may still have written what we do not know. */
function parsePayload(payload: string): InternalTag {
  const [signedVersion, json = ''] = payload.split('.')
  const parsed = signedVersion === version ? schema.safeParse(parseJson(json)) : undefined
  if (!parsed?.success) throw untrusted(`the internal tag is of another version than ${version}`)
  return parsed.data
}

function parseJson(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString())
  } catch {
    return undefined
  }
}

const mac = (payload: string, secret: string) => createHmac('sha256', secret).update(payload).digest()

/** In constant time: how long a comparison takes must not tell how much of a forged signature was right. */
const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b)

const untrusted = (message: string) => new EzoneError('EZ_UNTRUSTED_TAG', message)
