import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EzoneError } from '../model/index.ts'
import { jsonBody, type Route } from './http.ts'
import { limits } from './limits.ts'
import { HttpServer } from './server.ts'

const listen = { host: '127.170.0.1', port: 7900 }
const url = `http://${listen.host}:${listen.port}`
const faults: unknown[] = []
const routes: Route[] = [
  { method: 'POST', path: '/echo', handle: (call) => ({ status: 200, body: jsonBody(call) }) },
  {
    method: 'GET',
    path: '/bytes',
    handle: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('as it is') }),
  },
  { method: 'GET', path: '/refuse', handle: () => Promise.reject(new EzoneError('EZ_IDS_SPENT', 'spent')) },
  { method: 'GET', path: '/count', handle: () => ({ status: 200, stream: count }) },
  { method: 'GET', path: '/fault', handle: () => Promise.reject(new TypeError('inside')) },
]

/** What became of each stream, by its end. */
const ends: string[] = []
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
  server = await HttpServer.start({ listen, routes, onFault: (error) => faults.push(error) })
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
