import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { routerStatsSchema, systemClock } from '@ezone/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RouterGround } from '../../testbed/testing/router-ground.ts'
import type { RunningProgram } from '../../testbed/testing/running-program.ts'

let ground: RouterGround
let router: RunningProgram
beforeAll(async () => {
  ground = await RouterGround.make({ edge: 57, bj: 58, sh: 59 })
  router = await ground.router()
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  for (const zone of Object.values(ground.zones)) {
    zone.answer = undefined
    zone.received.length = 0
  }
})

const stats = async () => routerStatsSchema.parse(await (await fetch(`${router.url}/stats`)).json())

/** Sends text as it is, piece by piece, and tells what came back until the connection ended or `enough` came. */
async function said(pieces: readonly string[], enough = /\}\s*$/): Promise<string> {
  const { host, port } = router.address
  const socket = connect(port, host)
  socket.on('error', () => {})
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk
    if (enough.test(answer)) socket.end()
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const piece of pieces) {
    socket.write(piece)
    await sleep(2)
  }
  await closed
  return answer
}
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
const head = (...lines: readonly string[]) =>
  `${['POST /orders HTTP/1.1', 'host: r', 'x-ezone-tag: geo=31.23,121.47', ...lines].join('\r\n')}\r\n\r\n`

describe('what a client forges', () => {
  it('reaches no zone: not as a header, not named by Connection, not behind the body', async () => {
    const answer = await said([
      `${head(
        'x-ezone-internal: v1.forged.forged',
        'X-Ezone-Shard: 11',
        'x-ezone-hops: 0',
        'connection: x-ezone-tag, x-secret, keep-alive',
        'x-secret: 1',
        'x-kept: 1',
        'transfer-encoding: chunked',
        'trailer: x-ezone-internal',
      )}2\r\n{}\r\n0\r\nx-ezone-internal: v1.evil.evil\r\nx-evil: 1\r\n\r\n`,
    ])
    expect(statusOf(answer)).toBe(201)
    const [received] = ground.zones.sh.received
    expect(Object.keys(received?.headers ?? {}).filter((name) => name.startsWith('x-'))).toEqual([
      'x-kept',
      'x-ezone-internal',
    ])
    expect([received?.body, received?.trailers]).toEqual(['{}', {}])
    expect(received?.tag).toMatchObject({ shard: 31, zone: 'sh', epoch: 1, hops: 1 })
    // The router says itself how long the body is; whatever the client said of it ends here.
    expect(received?.headers['transfer-encoding']).toBeUndefined()
    expect(received?.headers['content-length']).toBe('2')
  })
})

describe('a request that two programs could read differently', () => {
  const body = '0\r\n\r\n'
  it.each([
    ['a length and chunks', head('content-length: 5', 'transfer-encoding: chunked') + body],
    ['two lengths', head('content-length: 5', 'content-length: 0') + body],
    ['two equal lengths', head('content-length: 5', 'content-length: 5') + body],
    ['a length with a sign', head('content-length: +5') + body],
    ['a list of lengths', head('content-length: 5, 5') + body],
    ['a length beyond 64 bits', head('content-length: 18446744073709551621') + body],
    ['another coding', head('transfer-encoding: gzip, chunked') + body],
    ['chunks twice', head('transfer-encoding: chunked', 'transfer-encoding: chunked') + body],
    ['identity', head('transfer-encoding: identity') + body],
    ['a look-alike with an underscore', head('transfer_encoding: chunked', 'content-length: 5') + body],
    ['a look-alike with dashes', head('transfer---encoding: chunked', 'content-length: 5') + body],
    ['a space before the colon', head('content-length : 5') + body],
    ['a folded line', head('x-a: b\r\n c: d', 'content-length: 5') + body],
    ['two hosts', head('host: other')],
    ['no host', 'GET /orders HTTP/1.1\r\n\r\n'],
    ['a NUL in a value', head('x-a: b\0c')],
    ['a bare CR', head('x-a: b\rc')],
    ['a bare LF', 'GET /orders HTTP/1.1\nhost: r\n\n'],
    ['chunks in HTTP/1.0', `POST /orders HTTP/1.0\r\nhost: r\r\ntransfer-encoding: chunked\r\n\r\n${body}`],
    ['a chunk size that is none', `${head('transfer-encoding: chunked')}zz\r\n\r\n0\r\n\r\n`],
    ['a chunk size too large', `${head('transfer-encoding: chunked')}1000000000000000f\r\n\r\n0\r\n\r\n`],
    ['a chunk longer than it says', `${head('transfer-encoding: chunked')}1\r\nabc\r\n0\r\n\r\n`],
    ['101 fields', head(...Array.from({ length: 101 }, (_, i) => `x-${i}: 1`))],
  ])('is refused: %s', async (_, bytes) => {
    expect(statusOf(await said([bytes]))).toBe(400)
    expect([...ground.zones.sh.received, ...ground.zones.bj.received]).toEqual([])
  })

  it('is counted', async () => {
    const { refused } = await stats()
    expect(refused.malformed).toBeGreaterThanOrEqual(20)
  })

  it('and one that is well-formed behind one that is, both are answered in their order', async () => {
    const one = head('content-length: 2')
    const answer = await said([`${one}{}${one}{}`], /\}[\s\S]+\}\s*$/)
    expect(answer.match(/HTTP\/1\.1 201/g)?.length).toBe(2)
    expect(ground.zones.sh.received.map(({ body: text }) => text)).toEqual(['{}', '{}'])
  })
})

describe('a request without measure', () => {
  it('is told so: a head of 20 KiB, a body of 100 KiB', async () => {
    const before = (await stats()).refused
    expect(statusOf(await said([head(`x-a: ${'y'.repeat(20_000)}`)]))).toBe(431)
    expect(statusOf(await said([`${head('content-length: 100000')}${'x'.repeat(100_000)}`]))).toBe(413)
    const { refused } = await stats()
    expect(refused.headTooLarge).toBe((before.headTooLarge ?? 0) + 1)
    expect(refused.bodyTooLarge).toBe((before.bodyTooLarge ?? 0) + 1)
    expect(ground.zones.sh.received).toEqual([])
  })

  it('of time is told so: a head byte by byte, a body that never ends; others are served meanwhile', async () => {
    const before = (await stats()).refused.tooSlow ?? 0
    const drops = Array.from('GET /orders HTTP/1.1\r\nhost: r\r\n')
    const [slowHead, slowBody] = [
      said([...drops, ...Array.from({ length: 2000 }, () => 'x')]),
      said([`${head('content-length: 60000')}{`]),
    ]
    const quick = await fetch(`${router.url}/orders`, { headers: { 'x-ezone-tag': 'geo=31.23,121.47' } })
    expect(quick.status).toBe(200)
    expect([statusOf(await slowHead), statusOf(await slowBody)]).toEqual([408, 408])
    expect((await stats()).refused.tooSlow).toBe(before + 2)
    expect(ground.zones.sh.received.length).toBe(1)
  })
})

describe('what a zone answers', () => {
  it('that is broken, cut short or too large becomes an unknown outcome of a write, never half an answer', async () => {
    const post = async () => {
      const response = await fetch(`${router.url}/orders`, {
        method: 'POST',
        headers: { 'x-ezone-tag': 'geo=31.23,121.47' },
      })
      const { error } = (await response.json()) as { error: { code: string } }
      return [response.status, error.code, response.headers.get('x-ezone-outcome')]
    }
    const unknown = [504, 'EZ_OUTCOME_UNKNOWN', 'unknown']
    ground.zones.sh.answer = (_, response) => void response.socket?.end('nonsense\r\n\r\n')
    expect(await post()).toEqual(unknown)
    ground.zones.sh.answer = (_, response) => {
      response.writeHead(201, { 'content-length': 100 }).write('{')
      setTimeout(() => response.destroy(), 20)
    }
    expect(await post()).toEqual(unknown)
    ground.zones.sh.answer = (_, response) => void response.writeHead(201).end(Buffer.alloc(2 * 1024 * 1024))
    expect(await post()).toEqual(unknown)
    expect(ground.zones.sh.received.length).toBe(3)
  })

  it('of its own is not handed on: a client sees the router only', async () => {
    ground.zones.sh.answer = (_, response) =>
      void response
        .writeHead(200, { 'x-ezone-internal': 's', server: 'zone', 'set-cookie': 'a=b', etag: '"1"' })
        .end('{}')
    const { headers } = await fetch(`${router.url}/orders`, { headers: { 'x-ezone-tag': 'geo=31.23,121.47' } })
    expect([headers.get('etag'), headers.get('x-ezone')]).toEqual(['"1"', 'sh; shard=31; epoch=1; rule=geo'])
    expect(['x-ezone-internal', 'server', 'set-cookie'].map((name) => headers.get(name))).toEqual([null, null, null])
  })

  it('is waited for no longer than the client waits, and the zone is told so', async () => {
    let leftMs = 0
    ground.zones.sh.answer = ({ tag }) => {
      leftMs = tag.leftMs
    }
    const begin = systemClock.monotonicMs()
    const response = await fetch(`${router.url}/orders`, {
      method: 'POST',
      headers: { 'x-ezone-tag': 'geo=31.23,121.47', 'x-ezone-deadline': '300' },
    })
    await response.body?.cancel()
    expect(response.status).toBe(504)
    expect(systemClock.monotonicMs() - begin).toBeLessThan(1_500)
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(300)
  })

  it('is waited for once more where the connection broke and the request carries a key or only reads', async () => {
    const ask = async (method: string, headers: Record<string, string> = {}) => {
      let asked = 0
      ground.zones.sh.answer = ({ headers: given }, response) => {
        asked++
        if (asked === 1) return void response.socket?.destroy()
        response.writeHead(200).end(JSON.stringify(given['idempotency-key'] ?? null))
      }
      const response = await fetch(`${router.url}/orders`, {
        method,
        headers: { 'x-ezone-tag': 'geo=31.23,121.47', ...headers },
      })
      await response.body?.cancel()
      return [response.status, asked]
    }
    expect(await ask('GET')).toEqual([200, 2])
    expect(await ask('POST', { 'idempotency-key': 'k' })).toEqual([200, 2])
    expect(await ask('POST')).toEqual([504, 1])
  })
})

describe('paths and methods', () => {
  it.each([
    ['GET', '/orders?state=paid&limit=3'],
    ['POST', '/riders/register'],
    ['PUT', '/merchants'],
    ['PATCH', '/users'],
    ['DELETE', '/orders'],
  ])('%s %s goes to the service that owns it, as it is', async (method, path) => {
    const response = await fetch(`${router.url}${path}`, { method, headers: { 'x-ezone-tag': 'geo=31.23,121.47' } })
    await response.body?.cancel()
    expect(ground.zones.sh.received).toMatchObject([{ method, url: path }])
  })

  it.each([
    ['GET', '/', 404],
    ['GET', '/secret', 404],
    ['GET', '/orders/../stats/x', 404],
    ['OPTIONS', '/orders', 400],
    ['POST', '/stats', 405],
  ])('%s %s goes nowhere', async (method, path, status) => {
    const answer = await said([`${method} ${path} HTTP/1.1\r\nhost: r\r\ncontent-length: 0\r\n\r\n`])
    expect(statusOf(answer)).toBe(status)
    expect(ground.zones.sh.received).toEqual([])
  })
})

it('carries one trace from the client to the zone', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const response = await fetch(`${router.url}/orders`, { headers: { 'x-ezone-tag': 'geo=31.23,121.47', traceparent } })
  await text(response.body as never)
  const [received] = ground.zones.sh.received
  expect(received?.headers.traceparent).toMatch(
    /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
  )
})
