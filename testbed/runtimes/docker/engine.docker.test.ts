import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectEngine } from './engine.ts'
import { statusOf } from './refusals.ts'

const signal = new AbortController().signal

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('connecting to an engine', () => {
  it('finds one that runs here and knows its version', async () => {
    expect((await connectEngine(signal)).version).toMatch(/^\d+\.\d+/)
  })

  it('takes the engine DOCKER_HOST names and no other', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.180.0.250:2375')
    await expect(connectEngine(signal)).rejects.toMatchObject({
      code: 'EZ_DOCKER_UNREACHABLE',
      cause: { errors: [expect.objectContaining({ message: 'tcp://127.180.0.250:2375: nobody listens' })] },
    })
  })

  it('does not wait for ever on a socket that accepts and stays silent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ezone-engine-'))
    const dumb = createServer().listen(join(folder, 'docker.sock'))
    vi.stubEnv('DOCKER_HOST', `unix://${join(folder, 'docker.sock')}`)
    try {
      await expect(connectEngine(signal)).rejects.toMatchObject({
        code: 'EZ_DOCKER_UNREACHABLE',
        cause: { errors: [expect.objectContaining({ message: expect.stringContaining('no answer within 5 s') })] },
      })
    } finally {
      dumb.close()
      await rm(folder, { recursive: true })
    }
  })

  it('gives up at once when the caller does, with the reason of the caller', async () => {
    await expect(connectEngine(AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C')
  })
})

describe('a call to an engine', () => {
  it('keeps the status of a refusal and names what was asked', async () => {
    const engine = await connectEngine(signal)
    const refused = engine.call('inspect container nobody', signal, (docker) => docker.getContainer('nobody').inspect())
    await expect(refused).rejects.toMatchObject({
      code: 'EZ_DOCKER_REFUSED',
      message: expect.stringContaining('inspect container nobody'),
    })
    expect(statusOf(await refused.catch((error) => error))).toBe(404)
  })

  it('answers null for what is not there when it is only looked for', async () => {
    const engine = await connectEngine(signal)
    expect(await engine.find('look', signal, (docker) => docker.getContainer('nobody').inspect())).toBe(null)
  })

  it('ends with its deadline', async () => {
    const engine = await connectEngine(signal)
    await expect(engine.call('wait', signal, (_, abort) => untilAborted(abort), 50)).rejects.toMatchObject({
      code: 'EZ_DOCKER_UNREACHABLE',
      message: expect.stringContaining('did not wait within 0.05 s'),
    })
  })
})

const untilAborted = (abort: AbortSignal) =>
  new Promise<never>((_, reject) => abort.addEventListener('abort', () => reject(abort.reason), { once: true }))
