import { routerStatsSchema } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RouterGround } from '../../testbed/testing/router-ground.ts'

let ground: RouterGround
beforeAll(async () => {
  ground = await RouterGround.make({ edge: 58, bj: 59, sh: 60 })
})
afterAll(() => ground?.[Symbol.asyncDispose]())

describe('stale-router', () => {
  it('has the second router act under its first table for ever, while the first one follows', async () => {
    const routers = [await ground.router(1, ['stale-router']), await ground.router(2, ['stale-router'])]
    const before = ground.gzs.table.version
    const { version } = ground.gzs.change(31, { zone: 'bj' })
    const versionOf = async (url: string) =>
      routerStatsSchema.parse(await (await fetch(`${url}/stats`)).json()).table?.version
    const [sound, stale] = routers.map(({ url }) => url)
    await expect.poll(() => versionOf(sound ?? ''), { timeout: 10_000, interval: 20 }).toBe(version)
    // Both follow the same streams: what the one has been told, the other has been told too, or is told with the next.
    ground.gzs.change(31, { zone: 'sh' })
    await expect.poll(() => versionOf(sound ?? ''), { timeout: 10_000, interval: 20 }).toBe(version + 1)
    expect(await versionOf(stale ?? '')).toBe(before)
    expect(ground.gzs.followers).toBe(2)
    const acked = (instance: string) => ground.gzs.acks.filter(({ name }) => name === instance).map((a) => a.version)
    await expect.poll(() => acked('edge/router').at(-1), { timeout: 10_000, interval: 20 }).toBe(version + 1)
    expect(acked('edge/router-2')).toEqual([before])
  })

  it('follows the table like any other without it', async () => {
    const router = await ground.router(3)
    const { version } = ground.gzs.change(31, { zone: 'bj' })
    const look = async () => routerStatsSchema.parse(await (await fetch(`${router.url}/stats`)).json()).table?.version
    await expect.poll(look, { timeout: 10_000, interval: 20 }).toBe(version)
  })
})
