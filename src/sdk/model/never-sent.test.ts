import { expect, it } from 'vitest'
import { neverSent } from './never-sent.ts'

const failed = (code: unknown) => Object.assign(new Error('no'), { code })

it.each(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])('a request that ended with %s reached nobody', (code) => {
  expect(neverSent(failed(code))).toBe(true)
})

it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', undefined])(
  'a request that ended with %s may have been done',
  (code) => {
    expect(neverSent(failed(code))).toBe(false)
  },
)

it.each([undefined, null, 'ECONNREFUSED'])('what is no error of a connection (%j) says nothing', (error) => {
  expect(neverSent(error)).toBe(false)
})
