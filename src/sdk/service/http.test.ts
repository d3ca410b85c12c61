import { describe, expect, it } from 'vitest'
import { EzoneError } from '../model/index.ts'
import { errorAnswer, type Route, RouteTable, type StatusError } from './http.ts'

const route = (method: 'GET' | 'POST', path: string): Route => ({ method, path, handle: () => ({ status: 200 }) })
const table = new RouteTable([route('GET', '/orders/:id'), route('POST', '/orders'), route('GET', '/orders')])
const status = (method: string, path: string) => {
  try {
    table.find(method, path)
    return 200
  } catch (error) {
    return (error as StatusError).status
  }
}

describe('the routes of a service', () => {
  it('are found by method and path, with what the path names', () => {
    expect(table.find('GET', '/orders/12').params).toEqual({ id: '12' })
    expect(table.find('GET', '/orders/a%2Fb').params).toEqual({ id: 'a/b' })
    expect(table.find('POST', '/orders').route).toMatchObject({ method: 'POST' })
  })

  it.each([
    ['GET', '/', 404],
    ['GET', '/orders/', 404],
    ['GET', '/orders/1/2', 404],
    ['GET', '', 404],
    ['GET', '/__proto__', 404],
    ['DELETE', '/orders', 405],
    ['POST', '/orders/1', 405],
    ['GET', '/orders/%', 400],
  ])('refuse %s %s with %i', (method, path, expected) => {
    expect(status(method, path)).toBe(expected)
  })
})

describe('an error on the wire', () => {
  it('is its code, what happened, what to do, and where to read on; never its cause', () => {
    const error = new EzoneError('EZ_WRONG_ZONE', 'shard 31 belongs to sh', { cause: new Error('secret host') })
    expect(errorAnswer(error)).toEqual({
      status: 421,
      body: {
        error: {
          code: 'EZ_WRONG_ZONE',
          message: 'shard 31 belongs to sh',
          hint: error.hint,
          docs: 'docs/errors.md#ez_wrong_zone',
        },
      },
    })
  })

  it('that nobody foresaw says nothing of the inside', () => {
    const answer = errorAnswer(new TypeError('connect ECONNREFUSED 10.0.0.1'))
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).toContain('EZ_BUG')
    expect(JSON.stringify(answer.body)).not.toContain('10.0.0.1')
  })
})
