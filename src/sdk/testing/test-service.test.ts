import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EzoneError, packId } from '../model/index.ts'
import { askerOf, bodyOf, idOf, readingTag, writingTag } from '../service/request.ts'
import { TestService } from './test-service.ts'

let service: TestService
let ended: string[]
beforeEach(async () => {
  ended = []
  service = await TestService.start((context) => ({
    routes: [
      {
        method: 'POST',
        path: '/things',
        handle: (call) => {
          const tag = writingTag(call, context)
          const { size } = bodyOf(call, z.strictObject({ size: z.int() }))
          const { claim, requestKey } = askerOf(call, tag)
          return { status: 201, body: { size, shard: claim.shard, epoch: claim.epoch, requestKey } }
        },
      },
      {
        method: 'GET',
        path: '/things/:id',
        handle: (call) => {
          const { zone } = readingTag(call, context)
          return { status: 200, body: { zone, id: idOf(call, (id) => new EzoneError('EZ_UNKNOWN_ORDER', id)) } }
        },
      },
    ],
    ready: async () => {
      throw new EzoneError('EZ_NOT_READY', 'not yet')
    },
    [Symbol.asyncDispose]: async () => void ended.push('disposed'),
  }))
})
afterEach(() => service[Symbol.asyncDispose]())

const make = (asked: Parameters<TestService['ask']>[2]) => service.ask('POST', '/things', asked)

describe('a service under test', () => {
  it('is asked as a router asks it, and answers as it answers anywhere', async () => {
    const { status, body, headers } = await make({ body: { size: 3 }, requestKey: 'k', tag: { epoch: 5 } })
    expect({ status, body }).toEqual({ status: 201, body: { size: 3, shard: 31, epoch: 5, requestKey: 'k' } })
    expect(headers.get('traceresponse')).toMatch(/^00-/)
  })

  it.each([
    [{ body: { size: 'x' } }, 400, 'EZ_BAD_REQUEST'],
    [{}, 400, 'EZ_BAD_REQUEST'],
    [{ body: { size: 3 }, requestKey: 'x'.repeat(65) }, 400, 'EZ_BAD_REQUEST'],
    [{ body: { size: 3 }, tag: null }, 403, 'EZ_UNTRUSTED_TAG'],
    [{ body: { size: 3 }, headers: { 'x-ezone-internal': 'forged' } }, 403, 'EZ_UNTRUSTED_TAG'],
    [{ body: { size: 3 }, tag: { zone: 'sh' } }, 421, 'EZ_WRONG_ZONE_WRITE'],
  ])('refuses what it would refuse in a zone: %j', async (asked, status, code) => {
    expect(await make(asked)).toMatchObject({ status, body: { error: { code } } })
  })

  it('tells a read in the wrong zone from a write, and an id from a text that is none', async () => {
    const get = (id: string, zone: string) => service.ask('GET', `/things/${id}`, { tag: { zone } })
    const id = String(packId({ seconds: 60, cell: 9, zone: 1, writer: 0, sequence: 0 }))
    expect(await get(id, 'bj')).toMatchObject({ status: 200, body: { zone: 'bj', id } })
    expect(await get(id, 'sh')).toMatchObject({ status: 421, body: { error: { code: 'EZ_WRONG_ZONE' } } })
    expect(await get('seven', 'bj')).toMatchObject({ status: 404 })
  })

  it('has the frame of every service: readiness and metrics', async () => {
    expect(await service.ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { error: { code: 'EZ_NOT_READY' } },
    })
    await make({ body: { size: 3 } })
    const { status, body } = await service.ask('GET', '/metrics')
    expect(status).toBe(200)
    expect(body).toMatch(/ezone_request_seconds_count\{.*route="\/things".*status="201".*\} 1/)
  })

  it('is ended with its test', async () => {
    const other = await TestService.start(({ signal }) => {
      signal.addEventListener('abort', () => ended.push('signalled'))
      return { routes: [], [Symbol.asyncDispose]: async () => void ended.push('given back') }
    })
    await other[Symbol.asyncDispose]()
    expect(ended.slice(0, 2)).toEqual(['signalled', 'given back'])
  })
})
