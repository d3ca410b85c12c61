import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forwardedHeaders, returnedHeaders } from './headers.ts'

describe('the headers that go on into a zone', () => {
  it('never include one of ours, however it is called', () => {
    const ours = fc.stringMatching(/^x-ezone[a-z0-9-]{0,12}$/)
    fc.assert(
      fc.property(
        ours,
        (name) => void expect(forwardedHeaders({ [name]: '1', accept: '*/*' })).toEqual({ accept: '*/*' }),
      ),
    )
  })

  it('include what the application needs, as it came', () => {
    const application = {
      'content-type': 'application/json',
      authorization: 'x',
      traceparent: '00-1-2-3',
      'idempotency-key': 'k',
    }
    expect(forwardedHeaders({ ...application })).toEqual(application)
  })

  it('leave out what belongs to the connection, also what the client names so', () => {
    const headers = {
      host: 'h',
      connection: 'close, X-Mine',
      'x-mine': '1',
      'transfer-encoding': 'chunked',
      'content-length': '9',
      te: 'x',
      accept: 'a',
    }
    expect(forwardedHeaders(headers)).toEqual({ accept: 'a' })
  })
})

describe('the headers that come back', () => {
  it('are those a client can use, and none of the zone itself', () => {
    const headers = {
      'content-type': 'application/json',
      'x-ezone': 'bj',
      'x-ezone-internal': 's',
      date: 'd',
      connection: 'close',
      etag: '"1"',
      'x-ezone-outcome': 'unknown',
    }
    const kept = { 'content-type': 'application/json', etag: '"1"', 'x-ezone-outcome': 'unknown' }
    expect(returnedHeaders(headers)).toEqual(kept)
  })
})
