import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EzoneError, parseTrace, type Trace } from '../model/index.ts'
import { currentTrace } from './current-trace.ts'
import { jsonBody, type Route } from './http.ts'
import { limits } from './limits.ts'
import { Refused } from './refused.ts'
import { HttpServer } from './server.ts'

const listen = { host: '127.170.0.1', port: 7900 }
const url = `http://${listen.host}:${listen.port}`
const faults: unknown[] = []
const refused = new Refused()
const routes: Route[] = [
  { method: 'GET', path: '/trace', handle: async (call) => ({ status: 200, body: [call.trace, await traceOfWork()] }) },
  { method: 'POST', path: '/echo', handle: (call) => ({ status: 200, body: jsonBody(call) }) },
  {
    method: 'GET',
    path: '/bytes',
    handle: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('as it is') }),
  },
  { method: 'GET', path: '/refuse', handle: () => Promise.reject(new EzoneError('EZ_IDS_SPENT', 'spent')) },
  { method: 'GET', path: '/slow', handle: () => sleep(100).then(() => ({ status: 200 })) },
  { method: 'GET', path: '/count', handle: () => ({ status: 200, stream: count }) },
  { method: 'GET', path: '/fault', handle: () => Promise.reject(new TypeError('inside')) },
]

/** What became of each stream, by its end. */
const ends: string[] = []
/** What code far below a handler knows of the request it works for. */
const traceOfWork = () => sleep(1).then(() => currentTrace()?.traceId)

async function* count(gone: AbortSignal) {
  try {
    for (let n = 1; !gone.aborted; n++) {
      yield `${n}\n`
      await sleep(5, undefined, { signal: gone })
    }
  } catch {
    ends.push('gone')
  }
}

let server: HttpServer
beforeAll(async () => {
  server = await HttpServer.start({ listen, routes, refused, onFault: (error) => faults.push(error) })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const echo = (body: string) => fetch(`${url}/echo`, { method: 'POST', body })
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
]

describe('a server of the frame', () => {
  it('answers JSON with JSON, and bytes as they are', async () => {
    expect(await (await echo('{"a":[1]}')).json()).toEqual({ a: [1] })
    const bytes = await fetch(`${url}/bytes`)
    expect([bytes.headers.get('content-type'), await bytes.text()]).toEqual(['text/plain', 'as it is'])
  })

  it('answers the probe of links on an open connection', async () => {
    for (let i = 0; i < 3; i++) expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true })
  })

  it('streams line by line, and knows when the client has left', async () => {
    const client = new AbortController()
    const response = await fetch(`${url}/count`, { signal: client.signal })
    const reader = response.body?.getReader()
    let got = ''
    while (!got.includes('3\n')) got += new TextDecoder().decode((await reader?.read())?.value)
    expect(got.startsWith('1\n2\n3\n')).toBe(true)
    client.abort()
    await expect.poll(() => ends).toEqual(['gone'])
    expect(faults.length).toBeLessThan(2)
  })

  it('listens on its own address and no other', async () => {
    const elsewhere = connect(listen.port, '127.170.0.2')
    await expect(
      new Promise((resolve, reject) => elsewhere.once('connect', resolve).once('error', reject)),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each([
    ['/nowhere', 404, 'EZ_BAD_REQUEST'],
    ['/refuse', 503, 'EZ_IDS_SPENT'],
    ['/fault', 500, 'EZ_BUG'],
  ])('answers %s with %i and its code', async (path, status, code) => {
    expect(await codeOf(await fetch(url + path))).toEqual([status, code])
  })

  it('tells of its own faults, and of nothing else', () => {
    expect(faults).toEqual([new TypeError('inside')])
  })

  it('refuses a body that is no JSON, and one that is too large, and lives on', async () => {
    expect(await codeOf(await echo('{'))).toEqual([400, 'EZ_BAD_REQUEST'])
    expect(await codeOf(await echo(`"${'x'.repeat(limits.bodyBytesMax)}"`))).toEqual([413, 'EZ_BAD_REQUEST'])
    expect((await echo('1')).status).toBe(200)
  })

  it.each(['//', '/%%', 'http://[', '*'])('stands the target %j', async (path) => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      request({ ...listen, path }, (response) => void text(response).then(() => resolve(response.statusCode)))
        .on('error', reject)
        .end()
    })
    expect(answer).toBe(404)
  })

  it('tells whoever finds its address taken', async () => {
    await expect(HttpServer.start({ listen, routes, onFault: () => {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the trace of a request', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traced = async (traceparent?: string) => {
    const answer = await fetch(`${url}/trace`, traceparent === undefined ? {} : { headers: { traceparent } })
    return {
      header: parseTrace(answer.headers.get('traceresponse') ?? ''),
      body: (await answer.json()) as [Trace, string],
    }
  }

  it('is the one of the caller, with a span of its own, also in whatever the handler calls', async () => {
    const { header, body } = await traced(`00-${traceId}-00f067aa0ba902b7-01`)
    const [trace, below] = body
    expect(trace).toMatchObject({ traceId, parentId: '00f067aa0ba902b7', sampled: true })
    expect(below).toBe(traceId)
    expect(header).toMatchObject({ traceId, spanId: trace.spanId })
  })

  it.each([undefined, 'nonsense'])('begins anew where the caller says %j', async (traceparent) => {
    const [one, two] = [await traced(traceparent), await traced(traceparent)]
    expect(one.body[0]).toMatchObject({ parentId: null, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(one.body[0].traceId).not.toBe(two.body[0].traceId)
  })

  it('is told with refusals too', async () => {
    const refused = await fetch(`${url}/nowhere`)
    expect(refused.status).toBe(404)
    expect(parseTrace(refused.headers.get('traceresponse') ?? '')?.traceId).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('what never becomes a request', () => {
  /** Sends bytes as they are, then slowly more of them, and tells all that came back until the connection closed. */
  async function said(...parts: readonly string[]): Promise<string> {
    const socket = connect(listen.port, listen.host)
    const answer = text(socket)
    socket.on('error', () => {})
    for (const part of parts) {
      if (socket.destroyed || socket.closed) break
      socket.write(part)
      await sleep(5)
    }
    return answer
  }
  const status = (answer: string) => Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1])
  const code = (answer: string) => /"code":"(\w+)"/.exec(answer)?.[1]

  it.each([
    ['a head of 20 KiB', [`GET /bytes HTTP/1.1\r\nhost: h\r\nx: ${'y'.repeat(20_000)}`], 431, 'headTooLarge'],
    ['no HTTP', ['hello\r\n\r\n'], 400, 'malformed'],
    [
      'two lengths',
      ['POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1'],
      400,
      'malformed',
    ],
    ['a length and chunks', [chunked('content-length: 3\r\n')], 400, 'malformed'],
    ['a space before the colon', ['GET /bytes HTTP/1.1\r\nhost : h\r\n\r\n'], 400, 'malformed'],
    ['a head that never ends', ['GET /bytes HTTP/1.1\r\nhost: h\r\n'], 408, 'tooSlow'],
    ['a body that never comes', ['POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n{'], 408, 'tooSlow'],
  ] as const)('%s is answered, counted, and the connection closed', async (_, parts, expected, kind) => {
    const before = refused.counts[kind]
    const answer = await said(...parts)
    expect([status(answer), code(answer)]).toEqual([expected, 'EZ_BAD_REQUEST'])
    expect(refused.counts[kind]).toBe(before + 1)
  })

  it('is a body without an end, which is answered as soon as it is too large and not waited for', async () => {
    const before = refused.counts.bodyTooLarge
    const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const answer = await said(
      `POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n${piece}`,
      ...Array(6).fill(piece),
    )
    // One answer, and no second one when the connection is closed because the body still does not end.
    expect([status(answer), answer.match(/HTTP\/1.1/g)?.length]).toEqual([413, 1])
    expect(refused.counts.bodyTooLarge).toBe(before + 1)
  })

  it('gets no answer that could be taken for the one of the request before it', async () => {
    const answer = await said('GET /slow HTTP/1.1\r\nhost: h\r\n\r\n', 'what is this\r\n\r\n')
    expect(answer).toBe('')
  })
})

const chunked = (more: string) =>
  `POST /echo HTTP/1.1\r\nhost: h\r\n${more}transfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`

describe('what no route fits', () => {
  it('is answered by the service itself, any method of it, where it can', async () => {
    const own = { ...listen, port: listen.port + 1 }
    await using _other = await HttpServer.start({
      listen: own,
      routes,
      otherwise: (call) => ({ status: 200, body: [call.method, call.path, call.rawHeaders.includes('X-Twice')] }),
      onFault: () => {},
    })
    const ask = (method: string, path: string) => fetch(`http://${own.host}:${own.port}${path}`, { method })
    expect(await (await ask('DELETE', '/any/where')).json()).toEqual(['DELETE', '/any/where', false])
    expect((await ask('DELETE', '/echo')).status).toBe(405)
  })
})

describe('a server that ends', () => {
  it('answers what was on its way on a kept connection, and says that it was the last answer there', async () => {
    const own = { ...listen, port: listen.port + 2 }
    await using ending = await HttpServer.start({ listen: own, routes, onFault: () => {} })
    const socket = connect(own.port, own.host)
    let heard = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk
    })
    const ask = 'GET /bytes HTTP/1.1\r\nhost: h\r\n\r\n'
    socket.write(ask)
    await expect.poll(() => heard).toContain('as it is')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    heard = ''
    const drained = ending.drain()
    socket.write(ask)
    // One who came before it could know is served too.
    expect((await fetch(`http://${own.host}:${own.port}/bytes`)).headers.get('connection')).toBe('close')
    await Promise.all([drained, closed])
    expect(heard).toMatch(/connection: close/i)
    expect(heard).toContain('as it is')
  })
})
