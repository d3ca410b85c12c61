import { packId, tagHeader } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathOf } from './service-paths.ts'

const badTag = expect.objectContaining({ code: 'EZ_BAD_TAG' })
const id = packId({ seconds: 9, cell: 1, zone: 2, writer: 0, sequence: 0 })
const other = packId({ seconds: 9, cell: 2, zone: 1, writer: 0, sequence: 0 })
const of = (path: string, tag?: string) => pathOf({ path, headers: tag === undefined ? {} : { [tagHeader]: tag } })

describe('a path', () => {
  it.each([
    ['/orders', {}],
    [`/orders/${id}`, { order: id }],
    [`/orders/${id}/advance`, { order: id }],
    [`/users/${id}`, { user: id }],
    ['/users/by-phone', {}],
    [`/riders/${id}/position`, { courier: id }],
    [`/merchants/${id}/menu`, { shop: id }],
  ])('%s belongs to the orders and is routed by %o', (path, tags) => {
    expect(of(path)).toEqual({ service: 'orders', path, tags })
  })

  it.each(['/', '/order', '/orderss', '/internal', '//orders', '/stats/orders', '/services', '/services/'])(
    '%s belongs to nobody',
    (path) => {
      expect(of(path)).toBeUndefined()
    },
  )

  it.each([
    ['/services/demo/notes/5', '/demo/notes/5'],
    ['/services/demo/', '/demo/'],
    ['/services/demo', '/demo/'],
    ['/services/demo//x', '/demo//x'],
    // Not a path of the proxy itself.
    ['/services/stats', '/stats/'],
    ['/services/services', '/services/'],
  ])('%s belongs to a service that the SOA proxy of the zone finds, and is asked for there as %s', (path, there) => {
    expect(of(path, `user=${id}`)).toEqual({ service: 'soa-proxy', path: there, tags: { user: id } })
  })

  it('of any service is routed by the header alone: a number in it may be anything', () => {
    expect(of(`/services/demo/${id}`)?.tags).toEqual({})
  })

  it('may be told more by the header, but not another of the same kind', () => {
    expect(of(`/orders/${id}`, `user=${other}`)?.tags).toEqual({ order: id, user: other })
    expect(of(`/orders/${id}`, `order=${id}`)?.tags).toEqual({ order: id })
    expect(() => of(`/orders/${id}`, `order=${other}`)).toThrow(badTag)
  })

  it.each(['/orders/abc', '/orders/0', '/users/7', `/riders/${'9'.repeat(30)}`])('%s names no id', (path) => {
    expect(() => of(path)).toThrow(badTag)
  })

  it('is answered or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        try {
          of(path)
        } catch (error) {
          expect(error).toEqual(badTag)
        }
      }),
    )
  })
})
