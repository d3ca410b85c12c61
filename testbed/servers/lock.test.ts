import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/jar-set.ts'
import { lockFile } from './lock.ts'

const signal = AbortSignal.timeout(20_000)

/** Another Node process that takes the lock and keeps it. */
async function otherHolder(file: string) {
  const module = JSON.stringify(join(import.meta.dirname, 'lock.ts'))
  const script = `
    const { lockFile } = await import(${module})
    globalThis.held = await lockFile(${JSON.stringify(file)}, AbortSignal.timeout(20_000))
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--conditions=ezone-source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

describe('a lock', () => {
  it('lets one in at a time', async () => {
    await using folder = await temporaryFolder()
    const order: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await using _held = await lockFile(join(folder.path, 'lock'), signal)
        order.push(`${name} in`)
        await sleep(20)
        order.push(`${name} out`)
      }),
    )
    for (let i = 0; i < order.length; i += 2) expect(order[i + 1]).toBe(order[i]?.replace('in', 'out'))
    expect(order).toHaveLength(6)
  })

  it('is free again as soon as its holder is killed', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'lock')
    const holder = await otherHolder(file)
    const waiting = lockFile(file, signal)
    expect(await Promise.race([waiting.then(() => 'taken'), sleep(200, 'waiting')])).toBe('waiting')
    holder.kill('SIGKILL')
    await using _held = await waiting
  })

  it('is not taken by a wait that was given up', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'lock')
    const held = await lockFile(file, signal)
    const giveUp = new AbortController()
    const waiting = lockFile(file, giveUp.signal)
    giveUp.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await held[Symbol.asyncDispose]()
    await using _next = await lockFile(file, signal)
  })
})
