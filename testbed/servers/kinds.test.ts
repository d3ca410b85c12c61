import { describe, expect, it } from 'vitest'
import { serverKinds } from './home.ts'
import { kinds } from './kinds.ts'

const said: [keyof typeof kinds, string, string][] = [
  ['mysql', '/usr/sbin/mysqld  Ver 9.7.4 for Linux on x86_64 (Debian)', '9.7.4'],
  ['mysql', 'mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))', '8.0.36'],
  ['redis', 'Redis server v=8.0.6 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1', '8.0.6'],
  ['java', 'openjdk version "21.0.9" 2026-10-20\nOpenJDK Runtime Environment', '21.0.9'],
  ['java', 'openjdk version "21" 2023-09-19', '21'],
  ['java', 'java version "1.8.0_392"', '1.8.0'],
  ['toxiproxy', 'toxiproxy-server version 2.12.0', '2.12.0'],
  ['k6', 'k6 v1.8.1 (go1.26.8, linux/amd64)', '1.8.1'],
]

describe('the version of a server', () => {
  it.each(said)('of %s is read from %j as %s', (kind, text, version) => {
    const facts = kinds[kind].version
    expect('says' in facts && facts.says.exec(text)?.[1]).toBe(version)
  })

  it.each([
    ['mysql', '9.7.4', true],
    ['mysql', '8.4.6', true],
    ['mysql', '8.0.36', false],
    ['mysql', '19.7.1', false],
    ['redis', '6.2.14', false],
    ['redis', '7.0.15', true],
    ['redis', '10.0.0', true],
    ['java', '17.0.15', false],
    ['java', '21', true],
    ['java', '21.0.9', true],
    ['java', '210.1', false],
    ['kafka', '4.3.0', true],
    ['kafka', '3.9.1', false],
    ['toxiproxy', '2.9.0', false],
  ] as const)('of %s may be %s: %s', (kind, version, accepted) => {
    expect(kinds[kind].accepts.test(version)).toBe(accepted)
  })
})

describe('the licence of a server', () => {
  it('of Redis depends on its version', () => {
    expect(['7.2.4', '7.4.0', '8.0.6'].map(kinds.redis.licence)).toEqual([
      'BSD-3-Clause',
      'LicenseRef-RSALv2 OR SSPL-1.0',
      'AGPL-3.0-only',
    ])
  })

  it('is known of every kind', () => {
    for (const kind of serverKinds) expect(kinds[kind].licence('1.0')).toMatch(/^[A-Z]/)
  })
})
