import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZookeeperGround } from '../../../testbed/testing/zookeeper-ground.ts'
import { Leadership, type LeadershipOptions, type Term, Zookeeper, type ZookeeperOptions } from './index.ts'

let ground: ZookeeperGround

beforeAll(async () => {
  ground = await ZookeeperGround.make([40, 41, 42], 'zookeeper')
  await ground.ground.start(ground.server('bj'))
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const client = (from: 'bj' | 'sh' = 'bj', options: Partial<ZookeeperOptions> = {}) =>
  Zookeeper.connect({ servers: [ground.address('bj', from)], sessionTimeoutMs: 3_000, ...options })

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 20 })

/** Stands for it, and notes its terms. */
function candidate(zk: Zookeeper, path: string, more: Partial<LeadershipOptions> = {}) {
  const terms: Term[] = []
  let lost = 0
  const leadership = Leadership.stand(zk, {
    path,
    onGained: (term) => void terms.push(term),
    onLost: () => void lost++,
    ...more,
  })
  return { leadership, terms, lost: () => lost }
}

describe('of many candidates', () => {
  it('one leads, in the order they came; each later one with a greater epoch', async () => {
    await using stack = new AsyncDisposableStack()
    const all: ReturnType<typeof candidate>[] = []
    for (let i = 0; i < 5; i++) {
      const zk = stack.use(client())
      all.push(candidate(zk, '/leaders/order'))
      await soon(async () => (await zk.exists('/leaders/order'))?.children).toBe(i + 1)
    }
    const epochs: bigint[] = []
    for (const one of all) {
      await soon(() => one.leadership.term !== null).toBe(true)
      expect(all.filter(({ leadership }) => leadership.term !== null)).toEqual([one])
      epochs.push(one.leadership.term?.epoch ?? 0n)
      await one.leadership[Symbol.asyncDispose]()
      expect(one.lost()).toBe(1)
      expect(one.terms[0]?.signal.aborted).toBe(true)
    }
    expect(epochs).toEqual(epochs.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(new Set(epochs).size).toBe(5)
  })

  it('each waits for the one before it alone', async () => {
    await using stack = new AsyncDisposableStack()
    const clients = Array.from({ length: 4 }, () => stack.use(client()))
    const all: ReturnType<typeof candidate>[] = []
    for (const [i, zk] of clients.entries()) {
      all.push(candidate(zk, '/leaders/chain'))
      await soon(async () => (await zk.exists('/leaders/chain'))?.children).toBe(i + 1)
    }
    // The third leaves: nobody begins to lead, and the fourth now waits for the second.
    await all[2]?.leadership[Symbol.asyncDispose]()
    await all[0]?.leadership[Symbol.asyncDispose]()
    await soon(() => all.map(({ leadership }) => leadership.term !== null)).toEqual([false, true, false, false])
    await all[1]?.leadership[Symbol.asyncDispose]()
    await soon(() => all.map(({ leadership }) => leadership.term !== null)).toEqual([false, false, false, true])
    await all[3]?.leadership[Symbol.asyncDispose]()
  })

  it('the next waits until what the one before began is over', async () => {
    await using one = client()
    await using two = client()
    const steps: string[] = []
    const work = async ({ signal }: Term) => {
      steps.push('one begins')
      await once(signal, 'abort')
      await sleep(500)
      steps.push('one is over')
    }
    const first = candidate(one, '/leaders/handover', { onGained: work })
    await soon(() => steps).toEqual(['one begins'])
    const second = candidate(two, '/leaders/handover', { onGained: () => void steps.push('two begins') })
    await first.leadership[Symbol.asyncDispose]()
    await soon(() => steps.length).toBe(3)
    expect(steps).toEqual(['one begins', 'one is over', 'two begins'])
    await second.leadership[Symbol.asyncDispose]()
  })

  it('one client stands once in one place', async () => {
    await using zk = client()
    const first = candidate(zk, '/leaders/once')
    expect(() => candidate(zk, '/leaders/once')).toThrow(TypeError)
    await first.leadership[Symbol.asyncDispose]()
    await candidate(zk, '/leaders/once').leadership[Symbol.asyncDispose]()
  })
})

describe('a leader', () => {
  it('that is cut off has lost before another leads, each of 4 times', async () => {
    await using cutOff = client('sh')
    await using other = client('bj')
    for (let round = 0; round < 4; round++) {
      const far = candidate(cutOff, `/leaders/cut-${round}`)
      await soon(() => far.leadership.term !== null).toBe(true)
      let heldMeanwhile: boolean | undefined
      const near = candidate(other, `/leaders/cut-${round}`, {
        onGained: () => {
          heldMeanwhile = far.terms.some((term) => term.holds() || !term.signal.aborted)
        },
      })
      await ground.cut('bj-sh')
      await soon(() => heldMeanwhile).toBe(false)
      expect(far.lost()).toBe(1)
      await ground.join('bj-sh')
      await near.leadership[Symbol.asyncDispose]()
      // It stands again by itself, with a greater epoch.
      await soon(() => far.terms.length).toBe(2)
      expect(far.terms[1]?.epoch).toBeGreaterThan(far.terms[0]?.epoch ?? 0n)
      await far.leadership[Symbol.asyncDispose]()
    }
  })

  it('goes on through a short cut and a server that is started again', async () => {
    await using zk = client('sh', { sessionTimeoutMs: 12_000 })
    const one = candidate(zk, '/leaders/short')
    await soon(() => one.leadership.term !== null).toBe(true)
    await ground.cut('bj-sh')
    await soon(() => zk.state).toBe('suspended')
    await ground.join('bj-sh')
    await soon(() => zk.state).toBe('connected')
    await ground.ground.kill(ground.server('bj'))
    await ground.ground.start(ground.server('bj'))
    await soon(() => zk.state).toBe('connected')
    await zk.sync('/')
    expect(one.terms).toHaveLength(1)
    expect(one.terms[0]?.holds()).toBe(true)
    await one.leadership[Symbol.asyncDispose]()
  })

  it('whose node somebody removed has lost, and stands again', async () => {
    await using zk = client()
    const one = candidate(zk, '/leaders/removed')
    await soon(() => one.leadership.term !== null).toBe(true)
    const { names } = await zk.getChildren('/leaders/removed')
    await zk.delete(`/leaders/removed/${names[0]}`)
    await soon(() => one.terms.length).toBe(2)
    expect(one.lost()).toBe(1)
    await one.leadership[Symbol.asyncDispose]()
    expect((await zk.getChildren('/leaders/removed')).names).toEqual([])
  })

  it('that was stopped and wakes again knows that it leads no longer, before anything else happens', async () => {
    const { host, port } = ground.address('bj')
    const program = `
      import { Leadership, Zookeeper } from '@ezone/sdk/zookeeper'
      const zk = Zookeeper.connect({ servers: [{ host: '${host}', port: ${port} }], sessionTimeoutMs: 3000 })
      Leadership.stand(zk, { path: '/leaders/stopped', onGained: (term) => {
        process.on('SIGUSR2', () => process.stdout.write(term.holds() + ' at the first look\\n'))
        process.stdout.write('leads\\n')
      } })`
    const child = spawn(process.execPath, ['--conditions=ezone-source', '--input-type=module', '-e', program])
    let said = ''
    child.stdout.on('data', (piece) => {
      said += piece
    })
    try {
      await soon(() => said).toContain('leads')
      child.kill('SIGUSR2')
      await soon(() => said).toContain('true at the first look')
      await using zk = client()
      const other = candidate(zk, '/leaders/stopped')
      child.kill('SIGSTOP')
      await soon(() => other.leadership.term !== null).toBe(true)
      child.kill('SIGUSR2')
      child.kill('SIGCONT')
      await soon(() => said).toContain('false at the first look')
      await other.leadership[Symbol.asyncDispose]()
    } finally {
      child.kill('SIGKILL')
    }
  })
})
