import { type Call, EzoneError, parseId, parsePoint, parseTags, type Tags, tagHeader } from '@ezone/sdk'

/** The tags of a call's header; several of them are one. @throws EZ_BAD_TAG */
export function headerTags({ headers }: Call): Tags {
  const value = headers[tagHeader]
  return parseTags(Array.isArray(value) ? value.join('; ') : value)
}

/** A path that names an order is a tag by itself; a header may add others but not name another order. */
export function orderTags(call: Call): Tags {
  const id = parseId(call.params.id ?? '')
  if (id === undefined)
    throw new EzoneError('EZ_BAD_TAG', `${JSON.stringify(call.params.id)} is not the id of an order`)
  const tags = headerTags(call)
  if (tags.order !== undefined && tags.order !== id)
    throw new EzoneError('EZ_BAD_TAG', `the path names order ${id}, but the tag order ${tags.order}`)
  return { ...tags, order: id }
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
