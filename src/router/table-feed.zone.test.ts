import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RoutingTable, type ServiceContext, systemClock } from '@ezone/sdk'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TableFeed } from './table-feed.ts'

const address = { host: '127.175.0.1', port: 7100 }
const tableOf = (version: number, zone = 'sh'): RoutingTable => ({
  version,
  shards: [{ shard: 31, name: 'Shanghai', zone, state: 'ACTIVE', epoch: 1 }],
  cells: [[1, 31]],
})

/** What GZS answers next; the test changes it. */
let answer: { status: number; body: string; etag: string }
let asked: (string | undefined)[]
let gzs: Server
let stateDir: string
let end: AbortController

beforeEach(async () => {
  asked = []
  offer(tableOf(5))
  gzs = createServer((request, response) => {
    asked.push(request.headers['if-none-match'])
    const same = request.headers['if-none-match'] === answer.etag
    response.writeHead(same ? 304 : answer.status, { etag: answer.etag }).end(same ? '' : answer.body)
  })
  await new Promise<void>((resolve) => gzs.listen(address.port, address.host, resolve))
  stateDir = await mkdtemp(join(tmpdir(), 'ezone-feed-'))
  end = new AbortController()
})
afterEach(async () => {
  end.abort()
  gzs.closeAllConnections()
  await new Promise((resolve) => gzs.close(resolve))
  await rm(stateDir, { recursive: true, force: true })
})

function offer(table: unknown, status = 200) {
  answer = {
    status,
    body: JSON.stringify(table),
    etag: `"${JSON.stringify(table).length}-${JSON.stringify(table).slice(11, 13)}"`,
  }
}

function start(): Promise<TableFeed> {
  const config = { peers: { gzs: [{ ...address, place: 'edge', zone: null }] }, stateDir }
  const log = pino({ enabled: false })
  return TableFeed.start({ config, log, clock: systemClock, signal: end.signal } as unknown as ServiceContext)
}

const version = (feed: TableFeed) => feed.status()?.version
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 })

describe('the table a router acts on', () => {
  it('is asked for once and then only whether it changed', async () => {
    const feed = await start()
    await soon(() => version(feed)).toBe(5)
    await soon(() => asked.length).toBeGreaterThan(2)
    expect(asked.slice(0, 2)).toEqual([undefined, answer.etag])
    expect(feed.status()).toMatchObject({ from: 'gzs' })
  })

  it('changes when GZS has a newer one', async () => {
    const feed = await start()
    await soon(() => version(feed)).toBe(5)
    offer(tableOf(6, 'bj'))
    await soon(() => feed.index.shardOf(1).zone).toBe('bj')
  })

  it.each([
    ['an older one', () => offer(tableOf(4, 'bj'))],
    ['one that contradicts itself', () => offer({ ...tableOf(9, 'bj'), cells: [[1, 99]] })],
    ['an error', () => offer(tableOf(9, 'bj'), 500)],
    ['no JSON', () => Object.assign(answer, { body: '<html>', etag: '"x"' })],
  ])('stays as it is when GZS offers %s', async (_, spoil) => {
    const feed = await start()
    await soon(() => version(feed)).toBe(5)
    spoil()
    const before = asked.length
    await soon(() => asked.length).toBeGreaterThan(before + 1)
    expect([version(feed), feed.index.shardOf(1).zone]).toEqual([5, 'sh'])
  })

  it('is on disk for the next start, which then needs no GZS', async () => {
    await soon(
      (
        (feed) => () =>
          version(feed)
      )(await start()),
    ).toBe(5)
    await soon(
      async () => JSON.parse(await readFile(join(stateDir, 'table.json'), 'utf8').catch(() => '{}')).version,
    ).toBe(5)
    offer(tableOf(4), 500)
    expect((await start()).status()).toMatchObject({ version: 5, from: 'disk' })
  })

  it('is not taken from a disk that has it only half', async () => {
    await writeFile(join(stateDir, 'table.json'), JSON.stringify(tableOf(7)).slice(0, 40))
    offer(tableOf(5), 500)
    const feed = await start()
    expect(feed.status()).toBeNull()
    expect(() => feed.index).toThrow(expect.objectContaining({ code: 'EZ_NOT_READY' }))
  })
})
