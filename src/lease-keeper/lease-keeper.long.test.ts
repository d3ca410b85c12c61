import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { programReady } from '../../testbed/testing/running-program.ts'
import { pretendReplication, ShardMoves } from '../../testbed/testing/shard-moves.ts'

const ensemble = ['bj', 'sh', 'edge'].map((place) => `${place}/zookeeper-global`)
let platform: PlatformGround
let moves: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 })
  moves = new ShardMoves(platform, 'edge')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const keeper = (zone: string) => platform.program(zone, 'lease-keeper')
const readiness = async (zone: string) => {
  const response = await fetch(`${keeper(zone).url}/readyz`)
  const body = (await response.json()) as { ready?: boolean; error?: { message: string } }
  return body.error?.message ?? 'ready'
}
const rowOf = async (zone: string, shard = 31) => {
  const [row] = await platform.query(zone, `SELECT zone, state, epoch FROM ezone.fence WHERE shard = ${shard}`)
  return `${row?.state} ${row?.zone} ${row?.epoch}`
}
const other = (zone: string) => (zone === 'bj' ? 'sh' : 'bj')

describe('a lease-keeper', () => {
  it('waits for the ensemble, for GZS and for MySQL, in whatever order they come, and says what for', async () => {
    for (const zone of platform.zones) await platform.launch(zone, 'lease-keeper')
    await expect.poll(() => readiness('sh').catch(() => ''), { timeout: 10_000 }).toContain('table has not been read')
    await platform.startStores(...ensemble)
    await platform.start('edge', 'gzs')
    await expect.poll(() => readiness('sh'), { timeout: 10_000 }).toContain('rows of sh are not made')
    await platform.startStores('bj/mysql', 'sh/mysql')
    await expect.poll(() => readiness('sh'), { timeout: 10_000 }).toContain('global MySQL of sh has no role')
    await platform.startStores('bj/mysql-global', 'sh/mysql-global')
    await Promise.all(platform.zones.map((zone) => programReady(keeper(zone))))
    expect(await rowOf('sh')).toBe('ACTIVE sh 1')
    expect(await rowOf('bj')).toBe('ACTIVE sh 1')
  })

  it('makes one global MySQL the master and the others its replicas', async () => {
    const writable = async (zone: string) => {
      const [row] = await platform.query(zone, 'SELECT @@GLOBAL.super_read_only AS refuses', 'mysql-global')
      return Number(row?.refuses) === 0
    }
    expect([await writable('bj'), await writable('sh')]).toEqual([true, false])
  })

  it('that was killed while the shard froze goes on where it was, with a barrier that is true', async () => {
    await using _ = pretendReplication(platform)
    await keeper('sh').kill()
    await moves.begin({ shard: 31, to: 'bj' })
    // The row as if the keeper had frozen it and died before it could say so.
    const { epoch } = await moves.shard(31)
    await platform.query('sh', `UPDATE ezone.fence SET state = 'FROZEN', epoch = ${epoch} WHERE shard = 31`)
    await sleep(300)
    expect((await moves.shard(31)).state).toBe('FROZEN')
    await platform.start('sh', 'lease-keeper')
    const { outcome, barrier } = await moves.end(31)
    expect(outcome).toBe('moved')
    const [server] = await platform.query('sh', 'SELECT @@server_uuid AS uuid')
    expect(barrier?.uuid).toBe(server?.uuid)
    expect(barrier?.gno).toBeGreaterThan(0)
  })

  it('goes on when its MySQL comes back after kill -9, in the middle of a move', async () => {
    await using _ = pretendReplication(platform)
    const { zone } = await moves.shard(31)
    const to = other(zone)
    await platform.stopStore(`${to}/mysql`, 'kill')
    await moves.begin({ shard: 31, to })
    await expect.poll(async () => (await moves.shard(31)).state, { timeout: 5_000 }).toBe('DRAINING')
    await platform.startStores(`${to}/mysql`)
    const { outcome } = await moves.end(31)
    const owner = outcome === 'moved' ? to : zone
    const { epoch } = await moves.shard(31)
    await expect.poll(() => rowOf(to), { timeout: 10_000 }).toBe(`ACTIVE ${owner} ${epoch}`)
    await expect.poll(() => rowOf(zone), { timeout: 10_000 }).toBe(`ACTIVE ${owner} ${epoch}`)
  })

  it('takes a frozen shard back when every GZS is gone, and the next GZS finds the move ended', async () => {
    const { zone, epoch } = await moves.shard(31)
    const { id } = await moves.state(31)
    // Nothing is replicated, so it drains until somebody ends it.
    await moves.begin({ shard: 31, to: other(zone) })
    await expect.poll(async () => (await moves.shard(31)).state, { timeout: 5_000 }).toBe('DRAINING')
    await platform.program('edge', 'gzs').kill()
    for (const each of platform.zones)
      await expect.poll(() => rowOf(each), { timeout: 30_000 }).toMatch(new RegExp(`^ACTIVE ${zone} `))
    await platform.start('edge', 'gzs')
    expect(await moves.end(31, 10_000, id)).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringContaining(zone),
    })
    const after = await moves.shard(31)
    expect(after).toMatchObject({ zone, state: 'ACTIVE' })
    expect(after.epoch).toBeGreaterThan(epoch + 1)
    const [newest] = await moves.gzs.history(moves.signal)
    expect(newest).toMatchObject({ version: after.epoch, changes: [{ shard: 31, after: { zone, state: 'ACTIVE' } }] })
  })

  it('puts right what a hand has changed, and makes what a hand has removed', async () => {
    const right = await rowOf('bj')
    await platform.query('bj', "UPDATE ezone.fence SET epoch = 0, zone = 'xx' WHERE shard = 31")
    await expect.poll(() => rowOf('bj'), { timeout: 15_000 }).toBe(right)
    await platform.query('bj', 'DELETE FROM ezone.fence WHERE shard = 31')
    await expect.poll(() => rowOf('bj'), { timeout: 15_000 }).toBe(right)
  })

  it('outlives the ensemble, and follows it again', async () => {
    await using _ = pretendReplication(platform)
    for (const id of ensemble) await platform.stopStore(id, 'kill')
    await sleep(1_000)
    expect(await readiness('bj')).toBe('ready')
    await platform.startStores(...ensemble)
    const { zone } = await moves.shard(31)
    const begin = () =>
      moves.begin({ shard: 31, to: other(zone) }).then(
        () => 'begun',
        (error: { code: string }) => error.code,
      )
    await expect.poll(begin, { timeout: 40_000, interval: 500 }).toBe('begun')
    expect(await moves.end(31)).toMatchObject({ outcome: 'moved' })
  })
})
