import { type Claim, decideFence, EzoneError, type FenceRow, type OrderEvent, packId } from '@ezone/sdk'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Event, isNewer } from './events.ts'
import type { Heard, HeardOrders } from './heard.ts'
import { type Fate, Listener } from './listener.ts'

/** What was heard, in memory, behind the law that the database keeps. */
class MemoryHeardOrders implements HeardOrders {
  readonly fences = new Map<number, FenceRow>()
  readonly all = new Map<string, Heard>()

  own(shard: number, zone: string, state: FenceRow['state'] = 'ACTIVE', epoch = 1): void {
    this.fences.set(shard, { shard, zone, epoch, state, takenEpoch: 0, leaseUntilMs: null })
  }

  async fence(shard: number): Promise<FenceRow | undefined> {
    return this.fences.get(shard)
  }

  async keep({ orderId, shard, state, version }: Event, claim: Claim): Promise<boolean> {
    const decision = decideFence(this.fences.get(claim.shard), claim, { zone: 'bj', nowMs: 0 })
    if (decision.kind === 'refuse') throw new EzoneError(decision.code, decision.why)
    if (!isNewer(version, this.all.get(orderId)?.version)) return false
    this.all.set(orderId, { orderId, shard, zone: 'bj', state, version })
    return true
  }

  async find(orderId: string): Promise<Heard | undefined> {
    return this.all.get(orderId)
  }
}

let heard: MemoryHeardOrders
let fates: Fate[]
let listener: Listener
beforeEach(() => {
  heard = new MemoryHeardOrders()
  heard.own(31, 'bj')
  fates = []
  listener = new Listener({ heard, zone: 'bj', count: (fate) => void fates.push(fate) })
})

const orderId = String(packId({ seconds: 60, cell: 9, zone: 1, writer: 0, sequence: 0 }))
const event = (changes: Partial<OrderEvent> = {}) => ({
  value: JSON.stringify({ orderId, shard: 31, cell: 1, state: 'paid', version: '12', atMs: 0, ...changes }),
})

describe('a record of an own shard', () => {
  it('is kept', async () => {
    await listener.take(event())
    expect(heard.all.get(orderId)).toMatchObject({ shard: 31, state: 'paid', version: '12' })
    expect(fates).toEqual(['kept'])
  })

  it('that comes twice changes nothing the second time', async () => {
    for (const _ of [1, 2]) await listener.take(event())
    expect(fates).toEqual(['kept', 'known'])
  })

  it('that comes late does not undo what is newer', async () => {
    await listener.take(event({ version: '9007199254740993', state: 'accepted' }))
    await listener.take(event({ version: '9007199254740992' }))
    expect(heard.all.get(orderId)).toMatchObject({ state: 'accepted' })
    expect(fates).toEqual(['kept', 'known'])
  })

  it('comes again while the shard is being moved, and is left to the zone that has it then', async () => {
    heard.own(31, 'bj', 'FROZEN', 2)
    await expect(listener.take(event())).rejects.toMatchObject({ code: 'EZ_SHARD_FROZEN' })
    heard.own(31, 'sh', 'ACTIVE', 3)
    await listener.take(event())
    expect(fates).toEqual(['foreign'])
    expect(heard.all.size).toBe(0)
  })

  it('comes again where the shard moves between the look and the write', async () => {
    const look = heard.fence(31)
    heard.fence = () => look
    heard.own(31, 'sh', 'ACTIVE', 2)
    await expect(listener.take(event())).rejects.toMatchObject({ code: 'EZ_STALE_EPOCH' })
    expect(heard.all.size).toBe(0)
  })
})

describe('a record that is not for this zone', () => {
  it.each([32, 99])('is left: shard %i', async (shard) => {
    heard.own(32, 'sh')
    await listener.take(event({ shard }))
    expect(fates).toEqual(['foreign'])
    expect(heard.all.size).toBe(0)
  })
})

describe('a record that nobody can read', () => {
  it.each(['', 'no json', '{}', event({ orderId: 'x' }).value])('does not stop the others: %j', async (value) => {
    await listener.take({ value })
    expect(fates).toEqual(['unreadable'])
  })
})
