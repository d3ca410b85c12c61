import { EzoneError } from './errors.ts'
import { type Point, parsePoint, pointText } from './geo.ts'
import { parseId } from './ids.ts'

/** The header a client routes by. */
export const tagHeader = 'x-ezone-tag'

/** Kinds of id a tag may carry, in the order in which they decide; coordinates come last. */
export const idTags = ['order', 'shop', 'courier', 'user'] as const
export type IdTag = (typeof idTags)[number]

/** What a request carries so that it can be routed. */
export type Tags = { readonly [K in IdTag]?: bigint } & { readonly geo?: Point }

export type DecidingTag =
  | { readonly kind: IdTag; readonly id: bigint }
  | { readonly kind: 'geo'; readonly point: Point }

const textMax = 512

/**
 * Reads `geo=31.23,121.47`, or several: `order=123; geo=31.23,121.47` (a repeated header arrives joined by commas, so
 * both separators count). Nothing at all is no error but no tag.
 *
 * A bare `shard=` is refused like any unknown key: a shard is believed only inside, signed.
 * @throws EZ_BAD_TAG
 */
export function parseTags(text: string | undefined): Tags {
  if (text === undefined || text.trim() === '') return {}
  if (text.length > textMax) throw bad(`a tag of ${text.length} characters (at most ${textMax})`)
  const tags: { -readonly [K in keyof Tags]: Tags[K] } = {}
  for (const part of text.split(/;|,(?=\s*[A-Za-z_-]+\s*=)/)) {
    const [key = '', value = '', ...rest] = part.split('=').map((side) => side.trim())
    if (rest.length > 0 || value === '') throw bad(`${JSON.stringify(part.trim())} is not KEY=VALUE`)
    if (Object.hasOwn(tags, key)) throw bad(`${key} is given twice`)
    if (key === 'geo') tags.geo = parsePoint(value) ?? fail(`${JSON.stringify(value)} is not LAT,LNG in degrees`)
    else if (isIdTag(key)) tags[key] = parseId(value) ?? fail(`${JSON.stringify(value)} is no id (${key}=)`)
    else throw bad(`${JSON.stringify(key)} is not a kind of tag`)
  }
  return tags
}

/** Of several tags the first of order, shop, courier, user, coordinates decides; undefined where there is none. */
export function decidingTag(tags: Tags): DecidingTag | undefined {
  for (const kind of idTags) {
    const id = tags[kind]
    if (id !== undefined) return { kind, id }
  }
  return tags.geo && { kind: 'geo', point: tags.geo }
}

export function formatTags(tags: Tags): string {
  const ids = idTags.flatMap((kind) => (tags[kind] === undefined ? [] : [`${kind}=${tags[kind]}`]))
  return [...ids, ...(tags.geo ? [`geo=${pointText(tags.geo)}`] : [])].join('; ')
}

const isIdTag = (key: string): key is IdTag => (idTags as readonly string[]).includes(key)

const bad = (what: string) => new EzoneError('EZ_BAD_TAG', `${tagHeader}: ${what}`)

function fail(what: string): never {
  throw bad(what)
}
