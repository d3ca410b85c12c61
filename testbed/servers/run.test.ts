import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { markedProcesses, marks } from '../surroundings/processes.ts'
import { run, which } from './run.ts'

const signal = AbortSignal.timeout(20_000)
const shell = (script: string, more: object = {}) => run('sh', ['-c', script], { signal, deadlineMs: 10_000, ...more })

/** A shell with a child of its own, both asleep for longer than any test. */
const family = 'sleep 600 & sleep 600'

async function goneSoon(id: string): Promise<void> {
  while ((await markedProcesses(id)).length > 0) await sleep(10, undefined, { signal })
}

describe('a program that is run', () => {
  it('gives what it printed', async () => {
    expect(await shell('echo out; echo err >&2')).toEqual({ stdout: 'out', stderr: 'err' })
  })

  it('fails with its own last words', async () => {
    await expect(shell('echo first >&2; echo "no such package" >&2; exit 100')).rejects.toThrow(
      'sh: first | no such package',
    )
  })

  it('of Node, fails with what it died of, though other lines come after', async () => {
    const dies = run(process.execPath, ['-e', 'import("not-there")'], { signal, deadlineMs: 10_000 })
    await expect(dies).rejects.toThrow(/Cannot find package 'not-there'.*[|] Node[.]js v/)
  })

  it('sees what the caller adds to its surroundings, and speaks English', async () => {
    expect((await shell('echo $MARK $LC_ALL', { env: { MARK: 'm' } })).stdout).toBe('m C')
  })

  it('does not start when the caller has given up already', async () => {
    await expect(shell('true', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })

  it('may leave its input unread, and fails when its input breaks', async () => {
    const much = () => Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536)))
    expect((await shell('head -c 1 >/dev/null; exec <&-; sleep 0.1; echo enough', { input: [much()] })).stdout).toBe(
      'enough',
    )
    for (const error of [new Error('the disk is gone'), Object.assign(new Error('reset'), { code: 'ECONNRESET' })]) {
      const broken = new Readable({ read: () => {} })
      const reading = shell('cat; sleep 600', { input: [broken] })
      broken.destroy(error)
      await expect(reading).rejects.toThrow(error.message)
    }
  })

  it('ends at its deadline, and its children with it', async () => {
    const id = randomUUID()
    const env = { [marks.testbed]: id }
    await expect(shell(family, { deadlineMs: 300, env })).rejects.toThrow('sh: no end within 0.3 s')
    await goneSoon(id)
  })

  it('ends when the caller gives up, and its children with it', async () => {
    const id = randomUUID()
    const enough = new AbortController()
    const running = shell(family, { signal: enough.signal, env: { [marks.testbed]: id } })
    while ((await markedProcesses(id)).length < 2) await sleep(10, undefined, { signal })
    enough.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await goneSoon(id)
  })
})

describe('a program on PATH', () => {
  it('is found by its name, and null where there is none', async () => {
    expect(await which('sh')).toMatch(/^\/.*\/sh$/)
    expect(await which('no-such-program-here')).toBeNull()
    expect(await which('sh', 'relative:')).toBeNull()
  })
})
