import { type Call, EzoneError, type IdTag, parseId, type Tags } from '@ezone/sdk'
import { headerTags } from './call-tags.ts'

/** Which service of the business owns a path, and what an id in it is the id of. */
const paths: readonly ServicePath[] = [
  { prefix: '/orders', service: 'orders', id: 'order', always: true },
  { prefix: '/users', service: 'orders', id: 'user' },
  { prefix: '/riders', service: 'orders', id: 'courier' },
  { prefix: '/merchants', service: 'orders', id: 'shop' },
]

interface ServicePath {
  readonly prefix: string
  readonly service: string
  /** What the part after the prefix names, where it is a number: a tag by itself. */
  readonly id: IdTag
  /** Whatever stands there is an id. */
  readonly always?: true
}

/** Every other service: `/services/<name>/<path at the service>`, through the SOA proxy of the zone, which finds it. */
const anyService = 'services'
const proxy = 'soa-proxy'

/** Services that the router forwards to. */
export const pathServices: readonly string[] = [...new Set([...paths.map(({ service }) => service), proxy])]

/** Where a request belongs. */
export interface Belonging {
  /** Whom the router asks in the zone. */
  readonly service: string
  /** The path there. */
  readonly path: string
  readonly tags: Tags
}

/**
 * Where a path belongs, and the tags it is routed by: those of the header, and the id it names. A header may add tags
 * but not name another one of the same kind.
 * @throws EZ_BAD_TAG; undefined where no service owns the path
 */
export function pathOf(call: Pick<Call, 'path' | 'headers'>): Belonging | undefined {
  const [, first, named = '', ...rest] = call.path.split('/')
  // A name alone would be a path of the proxy itself, such as /stats: behind the name there always is a slash.
  if (first === anyService)
    return named === '' ? undefined : { service: proxy, path: `/${named}/${rest.join('/')}`, tags: headerTags(call) }
  const found = paths.find(({ prefix }) => prefix === `/${first}`)
  if (found === undefined) return undefined
  const tags = headerTags(call)
  const { service } = found
  const { path } = call
  if (named === '' || !(found.always || /^\d+$/.test(named))) return { service, path, tags }
  const id = parseId(named)
  if (id === undefined)
    throw new EzoneError('EZ_BAD_TAG', `${JSON.stringify(named)} is not the id of ${article[found.id]}`)
  const other = tags[found.id]
  if (other !== undefined && other !== id)
    throw new EzoneError('EZ_BAD_TAG', `the path names ${found.id} ${id}, but the tag ${found.id} ${other}`)
  return { service, path, tags: { ...tags, [found.id]: id } }
}

const article = { order: 'an order', user: 'a user', courier: 'a courier', shop: 'a shop' } as const
