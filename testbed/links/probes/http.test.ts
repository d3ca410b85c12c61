import { describe, expect, it } from 'vitest'
import { responseLength } from './http.ts'

const whole = (text: string) => responseLength(Buffer.from(text))

describe('the length of a response', () => {
  it('is head and body, by content-length', () => {
    const text = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 2\r\n\r\nok'
    expect(whole(text)).toBe(text.length)
    expect(whole(`${text}HTTP/1.1`)).toBe(text.length)
  })

  it('ends with the last chunk of a body in chunks', () => {
    const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    expect(whole(text)).toBe(text.length)
  })

  it('cannot be told of any part of it that is shorter', () => {
    for (const text of [
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ])
      for (let length = 0; length < text.length; length++) {
        const told = whole(text.slice(0, length))
        expect(told === null || told > length).toBe(true)
      }
  })

  it('is an error where the response ends with its connection, or is none', () => {
    expect(() => whole('HTTP/1.1 200 OK\r\n\r\n')).toThrow('kept alive')
    expect(() => whole('SSH-2.0-OpenSSH_9\r\n\r\n')).toThrow('not HTTP/1.1')
  })
})
