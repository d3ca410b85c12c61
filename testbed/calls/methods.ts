import { EzoneError } from '@ezone/sdk/errors'
import { tagOf, type Where } from '../orders/tag-of.ts'

/** What `ezone call` can call: a name as people say it, and what it is over HTTP. */
interface Method {
  readonly service: string
  readonly http: 'GET' | 'POST'
  /** `:order` stands for the id of the order the call is about. */
  readonly path: string
  /** What it is about must be said. */
  readonly where: 'order' | 'any' | 'none'
}

const methods: Readonly<Record<string, Method>> = {
  'order.get': { service: 'orders', http: 'GET', path: '/orders/:order', where: 'order' },
  'order.place': { service: 'orders', http: 'POST', path: '/orders', where: 'any' },
  'order.advance': { service: 'orders', http: 'POST', path: '/orders/:order/advance', where: 'order' },
  'legacy.echo': { service: 'legacy', http: 'POST', path: '/echo', where: 'none' },
}

export const methodNames: readonly string[] = Object.keys(methods)

/** A call ready to be sent to a SOA proxy. */
export interface ReadyCall {
  readonly method: string
  readonly http: 'GET' | 'POST'
  /** At the SOA proxy. */
  readonly path: string
  /** As in `x-ezone-tag`. */
  readonly tag: string | undefined
  readonly body: string | undefined
}

/** @throws EZ_USAGE where the method is unknown, or what it is about is missing or malformed; EZ_UNKNOWN_CITY */
export async function readyCall(name: string, where: Where, body: string | undefined): Promise<ReadyCall> {
  const found = methods[name]
  if (found === undefined)
    throw new EzoneError('EZ_USAGE', `there is no method ${JSON.stringify(name)}: use one of ${methodNames.join(', ')}`)
  const said = Object.values(where).some((value) => value !== undefined)
  if (found.where === 'order' && where.order === undefined)
    throw new EzoneError('EZ_USAGE', `${name} needs the id of an order: --order ID`)
  if (found.where === 'any' && !said)
    throw new EzoneError('EZ_USAGE', `${name} must be told where: --city, --loc, --order or --tag`)
  const tag = said ? await tagOf(where) : undefined
  const path = `/${found.service}${found.path.replace(':order', where.order ?? '')}`
  return { method: name, http: found.http, path, tag, body: found.http === 'GET' ? undefined : checked(body ?? '{}') }
}

function checked(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch (cause) {
    throw new EzoneError('EZ_USAGE', `--body is not JSON: ${(cause as Error).message}`)
  }
}
