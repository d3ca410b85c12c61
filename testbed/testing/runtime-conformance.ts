import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Observed, Runtime } from '../runtimes/runtime.ts'
import type { ServerHome } from '../servers/home.ts'
import type { Launch, Site } from '../stores/launch.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { askRedis, homesForTests, launchTestRedis, redisBlueprint, untilPong } from './redis-ground.ts'

/** What a runtime is made from, and how its promises are checked from outside of it. */
export interface RuntimeUnderTest {
  readonly runtime: 'process' | 'docker'
  readonly octets: readonly [first: readonly [number, number, number], second: readonly [number, number, number]]
  make(options: {
    readonly blueprint: Blueprint
    readonly folder: string
    readonly homes: ReadonlyMap<ServerHome['kind'], ServerHome>
    readonly launch: (spec: Spec, site: Site) => Launch
  }): Runtime
  /** kill -9, not by way of the runtime. */
  kill(observed: Observed): Promise<void>
  /** Everything of a testbed that exists outside of its folder, in words. */
  leftovers(testbedId: string): Promise<readonly string[]>
}

const graceful = { graceMs: 5_000, signal: new AbortController().signal }

/** What every runtime promises, told with real Redis servers. */
export function describeRuntime(name: string, under: RuntimeUnderTest): void {
  describe(`the ${name} runtime`, () => {
    let homes: ReadonlyMap<ServerHome['kind'], ServerHome>
    let redis: ServerHome
    const signal = AbortSignal.timeout(600_000)
    const made: { readonly runtime: Runtime; readonly folder: string }[] = []

    beforeAll(async () => {
      homes = await homesForTests(['redis'])
      redis = homes.get('redis') as ServerHome
    })
    afterEach(async () => {
      for (const { runtime, folder } of made.splice(0)) {
        await runtime.destroy(AbortSignal.timeout(60_000))
        await rm(folder, { recursive: true, force: true })
      }
    })

    async function testbed(which: 0 | 1 = 0, extra: readonly string[] = []) {
      const blueprint = redisBlueprint({
        name: `conf${which}`,
        runtime: under.runtime,
        octets: under.octets[which],
      })
      const folder = await mkdtemp(join(tmpdir(), 'ezone-conformance-'))
      const make = () => under.make({ blueprint, folder, homes, launch: launchTestRedis(extra) })
      const runtime = make()
      made.push({ runtime, folder })
      const [bj, sh] = blueprint.specs as [Spec, Spec]
      await runtime.prepare(signal)
      return { blueprint, folder, runtime, make, bj, sh }
    }

    const observedOf = async (runtime: Runtime, spec: Spec) =>
      (await runtime.observe(signal)).find((o) => o.specId === spec.id)

    it('runs a real server at the address the blueprint gives it', async () => {
      const { runtime, bj, sh } = await testbed()
      await Promise.all([runtime.start(bj, signal), runtime.start(sh, signal)])
      await untilPong(redis, bj)
      await untilPong(redis, sh)
      expect(await askRedis(redis, bj, 'SET', 'city', 'Beijing')).toBe('OK')
      expect(await askRedis(redis, sh, 'GET', 'city')).toBe('')
    })

    it('finds what runs although the object that started it is gone', async () => {
      const { runtime, make, bj } = await testbed()
      const started = await runtime.start(bj, signal)
      expect(started).toMatchObject({ specId: bj.id, running: true, launchHash: runtime.hashOf(bj) })
      expect(await make().observe(signal)).toEqual([started])
      expect(await make().isRunning(started)).toBe(true)
    })

    it('leaves a running server as it is when it is started again', async () => {
      const { runtime, make, bj } = await testbed()
      const first = await runtime.start(bj, signal)
      expect(await make().start(bj, signal)).toEqual(first)
      expect(await runtime.observe(signal)).toHaveLength(1)
    })

    it('names another hash once the launch is another one', async () => {
      const { runtime, bj, blueprint, folder } = await testbed()
      const changed = under.make({ blueprint, folder, homes, launch: launchTestRedis(['maxclients 50']) })
      expect(changed.hashOf(bj)).not.toBe(runtime.hashOf(bj))
    })

    it('sees that a server was killed, and starts it anew with its data', async () => {
      const { runtime, bj } = await testbed()
      const started = await runtime.start(bj, signal)
      await untilPong(redis, bj)
      await askRedis(redis, bj, 'SET', 'kept', 'yes')
      await under.kill(started)
      await expect.poll(() => runtime.isRunning(started), { timeout: 5_000 }).toBe(false)
      expect((await observedOf(runtime, bj))?.running ?? false).toBe(false)

      const again = await runtime.start(bj, signal)
      await untilPong(redis, bj)
      expect(again.running).toBe(true)
      expect(await askRedis(redis, bj, 'GET', 'kept')).toBe('yes')
    })

    it('keeps data from stop to start, and shows nothing of a stopped server', async () => {
      const { runtime, bj } = await testbed()
      await runtime.start(bj, signal)
      await untilPong(redis, bj)
      await askRedis(redis, bj, 'SET', 'kept', 'yes')
      await runtime.stop(bj.id, graceful)
      expect(await runtime.observe(signal)).toEqual([])
      expect(await askRedis(redis, bj, 'PING')).toBe(null)

      await runtime.start(bj, signal)
      await untilPong(redis, bj)
      expect(await askRedis(redis, bj, 'GET', 'kept')).toBe('yes')
    })

    it('stops without waiting for what is not there', async () => {
      const { runtime } = await testbed()
      await runtime.stop('bj/nothing', graceful)
    })

    it('kills what does not end within its grace', async () => {
      const { runtime, bj } = await testbed()
      const started = await runtime.start(bj, signal)
      await untilPong(redis, bj)
      // Busy in a script, Redis hears no polite request.
      const busy = askRedis(redis, bj, 'EVAL', 'while true do end', '0')
      await sleep(200)
      await runtime.stop(bj.id, { graceMs: 300, signal })
      expect(await runtime.isRunning(started)).toBe(false)
      await busy
    })

    it('stops servers where they stand, lets them go on, and kills them: the named ones alone', async () => {
      const { runtime, bj, sh } = await testbed()
      const [started] = await Promise.all([runtime.start(bj, signal), runtime.start(sh, signal)])
      await Promise.all([untilPong(redis, bj), untilPong(redis, sh)])
      await runtime.signal([bj.id], 'SIGSTOP', signal)
      await expect.poll(() => runtime.isStopped(started), { timeout: 5_000 }).toBe(true)
      expect(await runtime.isRunning(started)).toBe(true)
      expect(await askRedis(redis, sh, 'PING')).toBe('PONG')
      await runtime.signal([bj.id], 'SIGCONT', signal)
      await untilPong(redis, bj)
      expect(await runtime.isStopped(started)).toBe(false)
      await runtime.signal([bj.id, 'bj/nothing'], 'SIGKILL', signal)
      await expect.poll(() => runtime.isRunning(started), { timeout: 5_000 }).toBe(false)
      expect(await askRedis(redis, sh, 'PING')).toBe('PONG')
    })

    it('has the last lines of a server, while it runs, after it died and after it was stopped', async () => {
      const { runtime, bj } = await testbed()
      await runtime.start(bj, signal)
      await untilPong(redis, bj)
      expect((await runtime.tail(bj.id, 50)).join('\n')).toContain('Ready to accept connections')
      expect(await runtime.tail(bj.id, 1)).toHaveLength(1)
      await runtime.stop(bj.id, graceful)
      expect((await runtime.tail(bj.id, 50)).join('\n')).toContain('Redis is now ready to exit')
    })

    it('has the last words of a server that dies at start', async () => {
      const { runtime, bj } = await testbed(0, ['no-such-setting yes'])
      const started = await runtime.start(bj, signal)
      await expect.poll(() => runtime.isRunning(started), { timeout: 5_000 }).toBe(false)
      expect((await runtime.tail(bj.id, 20)).join('\n')).toContain('no-such-setting')
    })

    it('removes everything of a testbed and nothing of another one', async () => {
      const [one, two] = [await testbed(0), await testbed(1)]
      await Promise.all([one, two].flatMap(({ runtime, bj, sh }) => [bj, sh].map((s) => runtime.start(s, signal))))
      await untilPong(redis, two.sh)
      expect(await under.leftovers(one.blueprint.id)).not.toEqual([])

      await one.make().destroy(signal)
      expect(await under.leftovers(one.blueprint.id)).toEqual([])
      expect(await one.runtime.observe(signal)).toEqual([])
      expect(await two.runtime.observe(signal)).toHaveLength(2)
      expect(await askRedis(redis, two.sh, 'PING')).toBe('PONG')
    })

    it('can be taken up again after everything was removed', async () => {
      const { runtime, bj } = await testbed()
      await runtime.start(bj, signal)
      await runtime.destroy(signal)
      await runtime.prepare(signal)
      await runtime.start(bj, signal)
      await untilPong(redis, bj)
    })

    it('leaves nothing behind when the start is interrupted', async () => {
      const { runtime, bj, blueprint } = await testbed()
      const interrupted = new AbortController()
      const starting = runtime.start(bj, interrupted.signal)
      onTestFinished(() => interrupted.abort())
      await sleep(10)
      interrupted.abort(new Error('Ctrl-C'))
      await starting.catch((error) => expect(error).toMatchObject({ message: 'Ctrl-C' }))
      await runtime.destroy(signal)
      expect(await under.leftovers(blueprint.id)).toEqual([])
    })
  })
}
