import { decideFence, EzoneError, IdMaker, OwnShards, systemClock, unpackId, ZoneChanges } from '@ezone/sdk'
import type { Done } from '@ezone/sdk/dal'
import { TestService, ToldTable } from '@ezone/sdk/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AddNote, type Note, type Notes, noteOf } from './notes.ts'
import { routes } from './routes.ts'

/** Notes in memory, behind the law that the database keeps: shard 31 is this zone's, under epoch 7. */
class MemoryNotes implements Notes {
  readonly all = new Map<string, Note>()
  readonly #byKey = new Map<string, Note>()

  async add(adding: AddNote): Promise<Done<Note>> {
    const { claim, requestKey } = adding.asker
    const fence = { shard: 31, zone: 'bj', epoch: 7, state: 'ACTIVE', takenEpoch: 0, leaseUntilMs: null } as const
    const decision = decideFence(claim.shard === 31 ? fence : undefined, claim, { zone: 'bj', nowMs: adding.nowMs })
    if (decision.kind === 'refuse') throw new EzoneError(decision.code, decision.why)
    const before = this.#byKey.get(requestKey ?? '')
    if (before !== undefined) return { body: before, version: '0', repeated: true }
    const note = noteOf(adding)
    this.all.set(note.noteId, note)
    if (requestKey !== null) this.#byKey.set(requestKey, note)
    return { body: note, version: '0', repeated: false }
  }

  async find(noteId: string): Promise<Note | undefined> {
    return this.all.get(noteId)
  }
}

let service: TestService
let notes: MemoryNotes
let table: ToldTable

beforeEach(async () => {
  notes = new MemoryNotes()
  table = new ToldTable({ 31: 'bj', 32: 'sh' })
  service = await TestService.start((context) => {
    const maker = new IdMaker({ zone: 1, writer: 0, clock: systemClock, notBefore: 0 })
    const ids = { next: async (cell: number) => maker.next(cell, Number.MAX_SAFE_INTEGER) ?? 0n }
    const own = new OwnShards()
    const { log, signal } = context
    new ZoneChanges({ table, zone: 'bj', log, signal }).onZoneChange('own shards', own.hear)
    return { routes: routes({ context, ids, own, notes }) }
  })
})
afterEach(() => service[Symbol.asyncDispose]())

const tag = { shard: 31, cell: 9, epoch: 7 }
const add = (body: unknown, more: Parameters<TestService['ask']>[2] = {}) =>
  service.ask('POST', '/notes', { tag, body, ...more })

describe('a new note', () => {
  it('is kept under its shard, with an id that carries its cell and so finds it for ever', async () => {
    const { status, body } = await add({ text: '  buy rice ' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ shard: 31, cell: 9, zone: 'bj', text: 'buy rice' })
    const { noteId } = body as Note
    expect(unpackId(BigInt(noteId)).cell).toBe(9)
    expect(await service.ask('GET', `/notes/${noteId}`, { tag })).toMatchObject({ status: 200, body })
  })

  it('is made once, however often its request comes', async () => {
    const first = await add({ text: 'once' }, { requestKey: 'k1' })
    const again = await add({ text: 'once' }, { requestKey: 'k1' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
    expect(notes.all.size).toBe(1)
  })

  it.each([
    [{}, /text/],
    [{ text: '   ' }, /text/],
    [{ text: 'x'.repeat(201) }, /text/],
    [{ text: 7 }, /text/],
    [{ text: 'x', colour: 'red' }, /colour/],
  ])('is refused as %j, with the field that is wrong', async (wrong, field) => {
    const message = expect.stringMatching(field)
    const refusal = { status: 400, body: { error: { code: 'EZ_BAD_REQUEST', message } } }
    expect(await add(wrong)).toMatchObject(refusal)
    expect(notes.all.size).toBe(0)
  })
})

describe('a write that does not belong here', () => {
  it.each([
    ['comes without the tag of a router', null, 403, 'EZ_UNTRUSTED_TAG'],
    ['was sent to another zone', { ...tag, zone: 'sh' }, 421, 'EZ_WRONG_ZONE_WRITE'],
    ['names an epoch before the last move', { ...tag, epoch: 6 }, 409, 'EZ_STALE_EPOCH'],
    ['names a shard that nobody knows', { ...tag, shard: 99 }, 404, 'EZ_NO_SHARD'],
  ])('is refused where it %s, and leaves nothing', async (_, sent, status, code) => {
    expect(await add({ text: 'x' }, { tag: sent })).toMatchObject({ status, body: { error: { code } } })
    expect(notes.all.size).toBe(0)
  })
})

describe('a note that is not here', () => {
  it.each(['1', 'no-id'])('is not found: %s', async (id) => {
    expect(await service.ask('GET', `/notes/${id}`)).toMatchObject({ status: 404 })
  })
})

describe('the shards this zone has', () => {
  const shards = async () => (await service.ask('GET', '/shards')).body

  it('come and go with the routing table', async () => {
    expect(await shards()).toEqual({ zone: 'bj', shards: [{ shard: 31, epoch: 1 }] })
    const epoch = table.set(32, 'bj')
    await expect.poll(shards).toMatchObject({ shards: [{ shard: 31 }, { shard: 32, epoch }] })
    table.set(31, 'sh')
    await expect.poll(shards).toEqual({ zone: 'bj', shards: [{ shard: 32, epoch }] })
  })
})
