import { describe, expect, it } from 'vitest'
import { multiActive } from './multi-active.ts'
import { isDuplicate, neverRead, serverSaid } from './outcome.ts'
import { exact, mustBe, quotedName } from './sql.ts'

describe('a name', () => {
  it.each([
    ['orders', '`orders`'],
    ['delivery.orders', '`delivery`.`orders`'],
  ])('%s is quoted', (name, quoted) => {
    expect(quotedName(name)).toBe(quoted)
  })

  it.each(['', 'a.b.c', 'a`b', 'x; DROP TABLE y', '1a', 'a b', 'a.'])('%j is none', (name) => {
    expect(() => quotedName(name)).toThrow(TypeError)
    expect(() => multiActive(`shop.${name}`, ['id'])).toThrow(TypeError)
  })
})

describe('a statement', () => {
  it.each(['INSERT INTO t VALUES (1)', ' update t set x = 1', 'DELETE FROM t', 'REPLACE t VALUES (1)'])(
    'may change rows: %s',
    (sql) => {
      expect(() => mustBe('change', sql)).not.toThrow()
      expect(() => mustBe('read', sql)).toThrow(TypeError)
    },
  )

  it.each(['COMMIT', 'BEGIN', 'SET autocommit = 1', 'CREATE TABLE t (x INT)', 'UPDATED', ''])(
    'may do neither: %j',
    (sql) => {
      expect(() => mustBe('change', sql)).toThrow(TypeError)
      expect(() => mustBe('read', sql)).toThrow(TypeError)
    },
  )
})

describe('a value', () => {
  it('keeps its digits on its way into a SELECT', () => {
    expect([7, 2 ** 52, 1.5, '7', true, null].map(exact)).toEqual(['7', '4503599627370496', 1.5, '7', true, null])
  })
})

describe('an error', () => {
  const from = (code: string, sqlState?: string, message = '') => Object.assign(new Error(message), { code, sqlState })

  it('is the answer of the server where it has a state, but for those that come with the end of a connection', () => {
    expect(serverSaid(from('ER_DUP_ENTRY', '23000'))).toBe(true)
    expect(serverSaid(from('ER_QUERY_INTERRUPTED', '70100'))).toBe(false)
    expect(serverSaid(from('PROTOCOL_CONNECTION_LOST'))).toBe(false)
    expect(serverSaid(from('ECONNRESET'))).toBe(false)
  })

  it('of a connection that was silent for too long says that nothing was read', () => {
    expect(neverRead(from('ER_CLIENT_INTERACTION_TIMEOUT', 'HY000'))).toBe(true)
  })

  it('of a unique key names the key', () => {
    const error = from('ER_DUP_ENTRY', '23000', "Duplicate entry 'x' for key 'orders.request_key'")
    expect(isDuplicate(error)).toBe(true)
    expect(isDuplicate(error, 'request_key')).toBe(true)
    expect(isDuplicate(error, 'key')).toBe(false)
    expect(isDuplicate(from('ER_LOCK_DEADLOCK', '40001'), 'request_key')).toBe(false)
  })
})
