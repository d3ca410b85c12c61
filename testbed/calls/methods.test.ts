import { describe, expect, it } from 'vitest'
import { readyCall } from './methods.ts'

const usage = (message: RegExp) => ({ code: 'EZ_USAGE', message: expect.stringMatching(message) })
const order = '127913961550135296'

describe('a call as a person names it', () => {
  it('becomes one that a SOA proxy understands', async () => {
    expect(await readyCall('order.get', { order }, undefined)).toEqual({
      method: 'order.get',
      http: 'GET',
      path: `/orders/orders/${order}`,
      tag: `order=${order}`,
      body: undefined,
    })
    expect(await readyCall('order.advance', { order }, '{ "to": "paid" }')).toMatchObject({
      path: `/orders/orders/${order}/advance`,
      body: '{"to":"paid"}',
    })
    expect(await readyCall('legacy.echo', {}, undefined)).toMatchObject({
      path: '/legacy/echo',
      tag: undefined,
      body: '{}',
    })
    expect(await readyCall('order.place', { loc: '31.23,121.47' }, undefined)).toMatchObject({
      tag: 'geo=31.23,121.47',
    })
  })

  it.each([
    ['nobody.calls', {}, undefined, /no method "nobody.calls": use one of order.get/],
    ['order.get', {}, undefined, /--order ID/],
    ['order.get', { order: 'abc' }, undefined, /not the id of an order/],
    ['order.place', {}, undefined, /must be told where/],
    ['legacy.echo', {}, '{', /not JSON/],
  ])('%s with %j and the body %j is a usage error', async (name, where, body, message) => {
    await expect(readyCall(name, where, body)).rejects.toMatchObject(usage(message))
  })
})
