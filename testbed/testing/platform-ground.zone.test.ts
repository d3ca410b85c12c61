import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from './platform-ground.ts'

let platform: PlatformGround
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 75, sh: 76, edge: 77 }, { links: true, topology: { policy: 'strict' } })
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

describe('the platform on test ground', () => {
  it('starts a service in every place it runs, with the stores it uses and no other', async () => {
    await platform.startAll(['gzs', 'router'])
    const response = await fetch(`${platform.program('edge', 'router').url}/readyz`)
    expect(response.status).toBe(200)
    expect((await platform.ground.runtime.observe()).map(({ specId }) => specId)).not.toContain('bj/redis')
  })

  it('tells services what `up` would: the policy, the zones, the instance', async () => {
    const config = await platform.config('edge', 'router')
    expect(config).toMatchObject({ policy: 'strict', instance: 1, zones: [{ name: 'bj' }, { name: 'sh' }] })
  })

  it('has services that tell what they counted, as Prometheus reads it', async () => {
    const { url } = platform.program('edge', 'router')
    await (await fetch(`${url}/stats`)).body?.cancel()
    const answer = await fetch(`${url}/metrics`)
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const lines = (await answer.text()).trimEnd().split('\n')
    expect(lines.filter((line) => !/^(#.*|[a-z_]+[{][^}]*[}] [0-9.e+-]+)$/.test(line))).toEqual([])
    expect(lines).toContain(
      'ezone_request_seconds_count{service="router",place="edge",zone="",instance="1",method="GET",route="/stats",status="200"} 1',
    )
  })

  it('has links with their delay, which can be cut and joined', async () => {
    await platform.startAll(['orders'])
    const { peers } = await platform.config('edge', 'router')
    const far = peers.orders?.find((peer) => peer.zone === 'sh')
    const ask = async () => {
      const startMs = systemClock.monotonicMs()
      const answer = await fetch(`http://${far?.host}:${far?.port}/healthz`, { signal: AbortSignal.timeout(2_000) })
      await answer.body?.cancel()
      return systemClock.monotonicMs() - startMs
    }
    expect(await ask()).toBeGreaterThanOrEqual(5)
    const signal = AbortSignal.timeout(10_000)
    await platform.link('edge-sh').cut({ id: 'cut', direction: null }, signal)
    await expect(ask()).rejects.toThrow()
    await platform.link('edge-sh').join('cut', signal)
    expect(await ask()).toBeGreaterThanOrEqual(5)
  })
})
