import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signTag } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { freePort } from './free-port.ts'
import { untilHealthy } from './health.ts'

const secret = 'a secret of at least thirty-two characters'
const tag = { shard: 31, cell: 1, zone: 'sh', epoch: 3, hops: 1, leftMs: 5_000 }

/** Debian has it wherever git and the usual build tools are; without it the example cannot be shown to run. */
const howTo = 'this test runs examples/python-service: install python3 (apt-get install python3)'

async function start(folder: string) {
  const listen = { host: '127.0.0.1', port: await freePort() }
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify({ listen, secret, zone: 'sh', place: 'sh' }))
  const child = spawn('python3', ['service.py'], {
    cwd: join(packageRoot, 'examples', 'python-service'),
    env: { ...process.env, EZONE_SERVICE_CONFIG: file },
    stdio: 'ignore',
  })
  await once(child, 'spawn').catch((cause) => {
    throw new Error(howTo, { cause })
  })
  const ended = once(child, 'exit').then(([exit]) => exit as number | null)
  expect(await untilHealthy(listen, '/readyz', AbortSignal.timeout(20_000))).toBeNull()
  const ask = async (path: string, signed?: string, body?: string) => {
    const headers = signed === undefined ? {} : { 'x-ezone-internal': signed }
    const init = body === undefined ? {} : { method: 'POST', body }
    const response = await fetch(`http://${listen.host}:${listen.port}${path}`, { headers, ...init })
    return { status: response.status, body: await response.json() }
  }
  return { child, file, ended, ask }
}

describe('the service in Python', () => {
  let service: Awaited<ReturnType<typeof start>>
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  beforeAll(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'python-'))
    service = await start(folder.path)
  })
  afterAll(async () => {
    service?.child.kill('SIGKILL')
    await folder?.[Symbol.asyncDispose]()
  })

  it('answers what was signed for its zone, and says what the tag told it', async () => {
    const got = await service.ask('/greet?x=1', signTag(tag, secret))
    const { shard, cell, epoch, hops } = tag
    expect(got).toEqual({
      status: 200,
      body: { greeting: 'hello from sh', zone: 'sh', shard, cell, epoch, hops, said: null },
    })
    expect((await service.ask('/greet', signTag(tag, secret), 'hello')).body).toMatchObject({ said: 'hello' })
  })

  it('refuses what was signed for another zone', async () => {
    const other = await service.ask('/greet', signTag({ ...tag, zone: 'bj' }, secret))
    expect(other).toMatchObject({ status: 421, body: { error: { code: 'EZ_WRONG_ZONE' } } })
  })

  it.each([
    ['nothing', undefined],
    ['no tag', 'x'],
    ['another key', signTag(tag, `${secret}!`)],
    ['another version', signTag(tag, secret).replace('v2', 'v1')],
    ['a changed tag', signTag(tag, secret).replace(/[.]./, '.X')],
  ])('believes no request with %s', async (_, signed) => {
    expect(await service.ask('/greet', signed)).toMatchObject({
      status: 403,
      body: { error: { code: 'EZ_UNTRUSTED_TAG' } },
    })
  })

  it('ends by itself when its configuration is gone, and in order when it is asked to', async () => {
    await rm(service.file)
    expect(await service.ended).toBe(0)
    await using other = await mkdtempDisposable(join(tmpdir(), 'python-'))
    const again = await start(other.path)
    again.child.kill('SIGTERM')
    expect(await again.ended).toBe(0)
  })
})
