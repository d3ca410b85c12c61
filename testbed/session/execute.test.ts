import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { criticalPath, type ExecuteOptions, execute } from './execute.ts'
import type { Op } from './plan.ts'

const op = (id: string, needs: readonly string[] = []): Op => ({ op: 'start', id, target: id, cause: 'test', needs })

function options(more: Partial<ExecuteOptions> = {}): ExecuteOptions & { readonly log: string[] } {
  let now = 0
  const log: string[] = []
  return {
    log,
    clock: { nowMs: () => now, monotonicMs: () => now++ },
    signal: new AbortController().signal,
    perform: async () => {},
    onOp: (done, state) => log.push(`${state} ${done.id}`),
    rank: () => 0,
    ...more,
  }
}

describe('executing a plan', () => {
  it('begins an operation only when all it needs are done, whatever order the plan has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), async (order) => {
        const ops = order.map((n) =>
          op(`${n}`, [0, 1, 2, 3, 4, 5, 6].filter((m) => m < n && (n * m) % 2 === 0).map(String)),
        )
        const run = options({ perform: () => turn() })
        await execute({ ops }, run)
        for (const { id, needs } of ops)
          for (const need of needs) expect(run.log.indexOf(`done ${need}`)).toBeLessThan(run.log.indexOf(`begun ${id}`))
      }),
    )
  })

  it('begins the smallest rank first among those that may begin at once', async () => {
    const run = options({ rank: (o) => (o.id === 'kafka' ? 0 : 1) })
    await execute({ ops: [op('redis'), op('kafka')] }, run)
    expect(run.log[0]).toBe('begun kafka')
  })

  it('throws the first failure itself, and starts nothing after it', async () => {
    const run = options({
      perform: async ({ id }) => {
        if (id === 'a') throw new Error('a broke')
      },
    })
    await expect(execute({ ops: [op('a'), op('b', ['a'])] }, run)).rejects.toThrow('a broke')
    expect(run.log).toEqual(['begun a', 'failed a'])
  })

  it('throws the reason it was aborted for, not what the abort broke', async () => {
    const abort = new AbortController()
    const run = options({
      signal: abort.signal,
      perform: async (_, signal) => {
        abort.abort(new Error('Ctrl-C'))
        await turn()
        if (signal.aborted) throw new Error('something broke because of it')
      },
    })
    await expect(execute({ ops: [op('a')] }, run)).rejects.toThrow('Ctrl-C')
  })

  it('refuses a plan that needs itself', async () => {
    await expect(execute({ ops: [op('a', ['b']), op('b', ['a'])] }, options())).rejects.toThrow('needs itself')
  })
})

describe('the critical path', () => {
  it('is the chain that ended last, back to its begin', () => {
    const time = (id: string, beginMs: number, endMs: number, needs: readonly string[] = []) => ({
      id,
      beginMs,
      endMs,
      needs,
    })
    const path = criticalPath([
      time('mysql', 0, 30),
      time('kafka', 0, 40),
      time('orders', 30, 50, ['mysql']),
      time('router', 50, 60, ['orders', 'mysql']),
    ])
    expect(path.map((t) => t.id)).toEqual(['mysql', 'orders', 'router'])
  })
})
