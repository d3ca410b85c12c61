import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestAcl } from './acl.ts'
import { ZookeeperError } from './errors.ts'
import { JuteReader, JuteWriter } from './jute.ts'
import { limits, paceOf } from './limits.ts'
import { multiRequest, op } from './multi.ts'
import { checkPath, isWithin, parentsOf } from './paths.ts'
import { opCodes } from './protocol.ts'
import { createRequest, deleteRequest, setRequest } from './requests.ts'
import type { CreateOptions } from './types.ts'

const code = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return ZookeeperError.is(error) ? error.code : error
  }
  return 'fine'
}

describe('a path', () => {
  it.each(['/', '/a', '/a/b', '/a/b-0000000001', '/.a', '/订单', '/a b'])('may be %j', (path) => {
    expect(code(() => checkPath(path))).toBe('fine')
  })

  it.each(['', 'a', '//', '/a/', '/a//b', '/./a', '/a/..', '/a\0', '/\u{d800}', '/a\u{f8ff}', '/a\n'])(
    'cannot be %j: refused before it is sent',
    (path) => {
      expect(code(() => checkPath(path))).toBe('BAD_ARGUMENTS')
      expect(code(() => deleteRequest(path, -1))).toBe('BAD_ARGUMENTS')
      expect(code(() => multiRequest([op.check(path, 0)]))).toBe('BAD_ARGUMENTS')
    },
  )

  it('lies within each of its parents, and they within none but theirs', () => {
    const names = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(names, (parts) => {
        const path = `/${parts.join('/')}`
        const parents = parentsOf(path)
        expect(parents).toHaveLength(parts.length - 1)
        for (const parent of parents) {
          expect(isWithin(path, parent)).toBe(true)
          expect(isWithin(parent, path)).toBe(false)
        }
        expect(isWithin(`${path}x`, path)).toBe(false)
        expect(isWithin(path, '/')).toBe(true)
      }),
    )
  })
})

describe('create', () => {
  const kinds: readonly [CreateOptions, number, number][] = [
    [{}, opCodes.create2, 0],
    [{ mode: 'ephemeral' }, opCodes.create2, 1],
    [{ sequential: true }, opCodes.create2, 2],
    [{ mode: 'ephemeral', sequential: true }, opCodes.create2, 3],
    [{ mode: 'container' }, opCodes.createContainer, 4],
    [{ ttlMs: 10 }, opCodes.createTtl, 5],
    [{ ttlMs: 10, sequential: true }, opCodes.createTtl, 6],
  ]
  it.each(kinds)('of %j is operation %d with flag %d', (options, operation, flag) => {
    const reader = new JuteReader(createRequest('/a', 'x', options).frame.subarray(4))
    reader.int()
    expect(reader.int()).toBe(operation)
    reader.string()
    reader.buffer()
    reader.vector(() => [reader.int(), reader.string(), reader.string()])
    expect(reader.int()).toBe(flag)
    expect(reader.left).toBe(options.ttlMs === undefined ? 0 : 8)
  })

  it.each<CreateOptions>([
    { mode: 'container', sequential: true },
    { mode: 'container', ttlMs: 10 },
    { mode: 'ephemeral', ttlMs: 10 },
  ])('refuses %j, which no server has', (options) => {
    expect(code(() => createRequest('/a', '', options))).toBe('BAD_ARGUMENTS')
  })

  it('refuses what servers hang up on', () => {
    expect(code(() => setRequest('/a', Buffer.alloc(limits.requestBytesMax), -1))).toBe('TOO_LARGE')
    expect(code(() => setRequest('/a', Buffer.alloc(limits.requestBytesMax - 100), -1))).toBe('fine')
  })
})

describe('the answer to a transaction', () => {
  const ops = [op.check('/a', 1), op.create('/b', ''), op.delete('/c'), op.set('/d', '')] as const
  const refusedAt = (index: number, error: number) => {
    const writer = new JuteWriter()
    for (let i = 0; i < ops.length; i++) {
      const own = i < index ? 0 : i === index ? error : -2
      writer.int(-1).bool(false).int(own).int(own)
    }
    return new JuteReader(writer.int(-1).bool(true).int(-1).frame().subarray(4))
  }

  it('that was refused names the operation that was the reason, not those after it', () => {
    fc.assert(
      fc.property(fc.nat(ops.length - 1), fc.constantFrom(-101, -103, -110), (index, error) => {
        let thrown: unknown
        try {
          multiRequest(ops).read(refusedAt(index, error))
        } catch (caught) {
          thrown = caught
        }
        expect(ZookeeperError.is(thrown)).toBe(true)
        expect(thrown).toMatchObject({ index, path: ops[index]?.path, outcome: 'none' })
      }),
    )
  })
})

describe('the pace of a session', () => {
  it('pings before a server is given up, and gives one up while the session is still safe', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 40_000 }), fc.integer({ min: 1, max: 9 }), (timeoutMs, servers) => {
        const { pingEveryMs, silentMsMax, safeMs } = paceOf(timeoutMs, servers)
        expect(pingEveryMs * 2).toBeLessThanOrEqual(silentMsMax)
        expect(silentMsMax * 2).toBeLessThanOrEqual(safeMs)
        expect(safeMs).toBeLessThan(timeoutMs)
      }),
    )
  })
})

it('a digest is what the server itself makes of user and password', () => {
  // `DigestAuthenticationProvider.generateDigest("super:admin")` of 3.9.
  expect(digestAcl('super', 'admin').id).toBe('super:xQJmxLMiHGwaqBvst5y6rkB6HQs=')
})
