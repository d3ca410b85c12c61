import { describe, expect, it } from 'vitest'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import type { Credentials } from './credentials.ts'
import { lookUntilReady, type Probe } from './ready.ts'

const spec = defaultBlueprint().specs.find((s) => s.id === 'bj/redis')
if (spec?.kind !== 'redis') throw new Error('the default blueprint has no bj/redis')

const credentials = {} as Credentials
const looking = (signal: AbortSignal) => ({ credentials, everyMs: 1, signal })

/** Serves from the given look on. */
const servesAt = (look: number) => {
  const looks: string[] = []
  const probe: Probe<typeof spec> = async (_, { door }) => {
    looks.push(`${door('client').host}:${door('client').port}`)
    if (looks.length < look) throw new Error(`look ${looks.length}: not yet`)
  }
  return { looks, probe }
}

describe('looking until a server serves', () => {
  it('looks again and again, at the address of the host, and stops when it serves', async () => {
    const { looks, probe } = servesAt(4)
    await lookUntilReady(spec, probe, looking(AbortSignal.timeout(5_000)))
    expect(looks).toEqual(Array(4).fill('127.10.0.2:6379'))
  })

  it('at the deadline tells what it found last', async () => {
    const { probe } = servesAt(Number.POSITIVE_INFINITY)
    const waiting = lookUntilReady(spec, probe, looking(AbortSignal.timeout(30)))
    await expect(waiting).rejects.toMatchObject({
      code: 'EZ_NOT_READY',
      message: expect.stringMatching(/^bj\/redis does not serve: look \d+: not yet$/),
    })
  })

  it('when called off gives the reason it was given, not a verdict about the server', async () => {
    const { probe } = servesAt(Number.POSITIVE_INFINITY)
    const reason = new Error('the user pressed Ctrl-C')
    await expect(lookUntilReady(spec, probe, looking(AbortSignal.abort(reason)))).rejects.toBe(reason)
  })

  it('asks again a server that says nothing', async () => {
    let looks = 0
    const silentOnce: Probe<typeof spec> = (_, { signal }) =>
      ++looks > 1 ? Promise.resolve() : new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
    await lookUntilReady(spec, silentOnce, looking(AbortSignal.timeout(10_000)))
    expect(looks).toBe(2)
  })
})
