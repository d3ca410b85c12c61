import { type Call, EzoneError, parsePoint, parseTags, type Tags, tagHeader } from '@ezone/sdk'

/** The tags of a call's header; several of them are one. @throws EZ_BAD_TAG */
export function headerTags({ headers }: Pick<Call, 'headers'>): Tags {
  const value = headers[tagHeader]
  return parseTags(Array.isArray(value) ? value.join('; ') : value)
}

/** What GET /explain is asked about: ?tag=, ?loc=LAT,LNG, or the header. */
export function explainedTags(call: Call): Tags {
  const [tag, loc] = [call.query.get('tag'), call.query.get('loc')]
  if (tag !== null && loc !== null) throw new EzoneError('EZ_BAD_REQUEST', 'the query has both tag= and loc=')
  if (loc === null) return tag === null ? headerTags(call) : parseTags(tag)
  const geo = parsePoint(loc)
  if (geo === undefined) throw new EzoneError('EZ_BAD_TAG', `${JSON.stringify(loc)} is not LAT,LNG in degrees`)
  return { geo }
}
