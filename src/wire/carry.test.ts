import { EzoneError, type RoutingTable, TableIndex, type TableSubscription } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carry, saysElsewhere, type Target } from './carry.ts'
import { Hold } from './hold.ts'
import type { Incoming } from './upstream.ts'

type State = Target['state']
const tableOf = (version: number, zone: string, state: State): RoutingTable => ({
  version,
  shards: [{ shard: 31, name: 'Shanghai', zone, state, epoch: version }],
  cells: [[1, 31]],
})

/** Time stands still unless the test moves it. */
const clock = { ms: 0, nowMs: () => clock.ms, monotonicMs: () => clock.ms }

/** A table that changes when, and only when, somebody waits for the next one. */
class Steps {
  readonly #rest: RoutingTable[]
  readonly #everyMs: number
  index: TableIndex
  waits = 0

  constructor(steps: readonly (readonly [zone: string, state: State])[], everyMs = 10) {
    const tables = steps.map(([zone, state], i) => tableOf(i + 1, zone, state))
    this.index = new TableIndex(tables[0] ?? tableOf(1, 'sh', 'ACTIVE'))
    this.#rest = tables.slice(1)
    this.#everyMs = everyMs
  }

  async newer(version: number, signal: AbortSignal): Promise<TableIndex> {
    this.waits++
    if (this.index.table.version > version) return this.index
    const next = this.#rest.shift()
    clock.ms += this.#everyMs
    if (next === undefined) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      throw signal.reason
    }
    this.index = new TableIndex(next)
    return this.index
  }
}

const answer = (status: number, code?: string): Incoming => ({
  status,
  headers: {},
  body: Buffer.from(code === undefined ? '{}' : JSON.stringify({ error: { code } })),
})
const decide = (index: TableIndex) => index.shard(31)
const never = new AbortController().signal

async function carried(steps: Steps, write: boolean, send: (to: Target) => Promise<Incoming>, atMostMs = 2_000) {
  const hold = new Hold(steps as unknown as TableSubscription, clock)
  const passage = { write, decide, send, atMostMs, signal: never }
  return { hold, result: await carry(steps as unknown as TableSubscription, hold, passage).catch((e: unknown) => e) }
}

const zone = fc.constantFrom('bj', 'sh')
const state = fc.constantFrom<State>('ACTIVE', 'FROZEN', 'DRAINING', 'TAKEOVER')
const history = fc.array(fc.tuple(zone, state), { minLength: 1, maxLength: 8 })

describe('a request on its way', () => {
  it('as a write reaches a zone only under a table that says ACTIVE, whatever tables come, and the first such one', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (tables) => {
        const sent: Target[] = []
        const steps = new Steps([...tables, ['bj', 'ACTIVE']])
        const { result } = await carried(steps, true, async (to) => {
          sent.push(to)
          return answer(201)
        })
        const first = [...tables, ['bj', 'ACTIVE'] as const].find(([, is]) => is === 'ACTIVE')
        expect(sent.map((to) => [to.zone, to.state])).toEqual([first])
        expect(result).toMatchObject({ answer: { status: 201 } })
      }),
    )
  })

  it('as a read never waits for a table', async () => {
    await fc.assert(
      fc.asyncProperty(zone, state, async (at, is) => {
        const steps = new Steps([[at, is]])
        const { result, hold } = await carried(steps, false, async () => answer(200))
        expect(result).toMatchObject({ answer: { status: 200 }, heldMs: 0 })
        expect([steps.waits, hold.stats().total]).toEqual([0, 0])
      }),
    )
  })

  it.each(['EZ_SHARD_FROZEN', 'EZ_STALE_EPOCH', 'EZ_WRONG_ZONE_WRITE', 'EZ_WRONG_ZONE'])(
    'that a zone refuses with %s goes to where the next table says',
    async (code) => {
      const asked: string[] = []
      const steps = new Steps([
        ['sh', 'ACTIVE'],
        ['bj', 'ACTIVE'],
      ])
      const { result, hold } = await carried(steps, true, async (to) => {
        asked.push(to.zone)
        return to.zone === 'sh' ? answer(409, code) : answer(201)
      })
      expect(asked).toEqual(['sh', 'bj'])
      expect(result).toMatchObject({ answer: { status: 201 }, heldMs: 10 })
      expect(hold.stats()).toMatchObject({ now: 0, total: 1, inVain: 0, longestMs: 10 })
    },
  )

  it.each([
    ['another code', answer(409, 'EZ_ORDER_LOCKED')],
    ['no code', answer(500)],
    ['no JSON', { ...answer(502), body: Buffer.from('<html>') }],
    ['what only looks like a refusal', answer(200, 'EZ_STALE_EPOCH')],
  ])('is not sent again for %s', async (_, given) => {
    const steps = new Steps([['sh', 'ACTIVE']])
    const { result } = await carried(steps, true, async () => given)
    expect(result).toMatchObject({ answer: given, heldMs: 0 })
    expect(saysElsewhere(given)).toBe(false)
  })

  it('waits in vain no longer than it may, and then says that nothing was done', async () => {
    const steps = new Steps(
      Array.from({ length: 9 }, () => ['sh', 'FROZEN'] as const),
      300,
    )
    const { result, hold } = await carried(steps, true, () => Promise.reject(new Error('must not be sent')))
    expect(EzoneError.is(result, 'EZ_SHARD_FROZEN')).toBe(true)
    expect(hold.stats()).toMatchObject({ now: 0, total: 1, inVain: 1 })
    expect(hold.stats().longestMs).toBeLessThanOrEqual(2_100)
  })

  it('that ends as refused is answered with what the zone said last', async () => {
    const steps = new Steps([['sh', 'ACTIVE']], 300)
    const { result } = await carried(steps, true, async () => answer(409, 'EZ_STALE_EPOCH'), 100)
    expect(result).toMatchObject({ answer: { status: 409 } })
  })
})
