import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ServerHome } from '../../servers/home.ts'
import { homesForTests } from '../../testing/redis-ground.ts'
import { connectEngine, type Engine } from './engine.ts'
import { ensureImages } from './image-choice.ts'
import { listImages, removeImages } from './image-list.ts'
import { hasImage } from './images.ts'

const signal = AbortSignal.timeout(300_000)
const isMine = (image: { holds: string }) => image.holds === 'toxiproxy-0.0.1-test'

describe('images', () => {
  let engine: Engine
  let real: ServerHome
  let folder: string
  let home: ServerHome

  beforeAll(async () => {
    engine = await connectEngine(signal)
    real = (await homesForTests(['toxiproxy'])).get('toxiproxy') as ServerHome
  })

  /** A Toxiproxy home nobody else uses, so that its image may come and go without disturbing anybody. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ezone-image-'))
    await cp(real.root, folder, { recursive: true })
    await writeFile(join(folder, basename(folder)), 'names this image alone')
    home = { ...real, root: folder, version: '0.0.1-test' }
  })
  afterEach(async () => {
    await removeImages(engine, signal, isMine)
    await rm(folder, { recursive: true, force: true })
  })

  const ensure = (images: 'auto' | 'local' | 'registry', registryMirror: string | null = null, until = signal) =>
    ensureImages(engine, { images, registryMirror, homes: new Map([['toxiproxy', home]]), kinds: ['toxiproxy'] }, until)
  const mine = async () => (await listImages(engine, signal)).filter(isMine)

  it('are built from the server cache once, and found again by what is in them', async () => {
    const first = await ensure('local')
    const [built] = await mine()
    expect(await ensure('auto')).toEqual(first)
    expect(await mine()).toEqual([built])
    expect(first.get('toxiproxy')).toBe(built?.reference)
  })

  it('are other images as soon as a server is another one', async () => {
    const first = await ensure('local')
    await writeFile(join(folder, 'another.txt'), '')
    const second = await ensure('local')
    expect(second.get('toxiproxy')).not.toBe(first.get('toxiproxy'))
    expect(await mine()).toHaveLength(2)
  })

  it('run their server and hold nothing of the machine beside it', async () => {
    const image = (await ensure('local')).get('toxiproxy') ?? ''
    const [said, noShell] = await Promise.all([
      engine.call('run', signal, (docker) =>
        docker.createContainer({
          Image: image,
          Entrypoint: ['/opt/toxiproxy-0.0.1-test/bin/toxiproxy-server'],
          Cmd: ['-version'],
        }),
      ),
      engine.call('run', signal, (docker) => docker.createContainer({ Image: image, Entrypoint: ['/bin/sh'] })),
    ])
    try {
      await said.start()
      expect((await said.wait()).StatusCode).toBe(0)
      await expect(noShell.start()).rejects.toMatchObject({ statusCode: 400 })
    } finally {
      await Promise.all([said, noShell].map((container) => container.remove({ force: true })))
    }
  })

  it('are kept while a container stands on them', async () => {
    const image = (await ensure('local')).get('toxiproxy') ?? ''
    const container = await engine.call('create', signal, (docker) =>
      docker.createContainer({ Image: image, Cmd: ['x'] }),
    )
    expect(await removeImages(engine, signal, isMine)).toEqual([])
    await container.remove()
    expect(await removeImages(engine, signal, isMine)).toMatchObject([{ reference: image }])
    expect(await hasImage(engine, image, signal)).toBe(false)
  })

  it('cannot be made of a server that needs libraries of this machine, and says which', async () => {
    await cp(process.execPath, join(folder, 'bin/toxiproxy-server'))
    await chmod(join(folder, 'bin/toxiproxy-server'), 0o755)
    await expect(ensure('local')).rejects.toMatchObject({
      code: 'EZ_IMAGES_UNAVAILABLE',
      message: expect.stringContaining('toxiproxy-server of toxiproxy 0.0.1-test'),
    })
  })

  it('are whole or not there at all when their building is interrupted', async () => {
    for (const ms of [0, 10, 20, 30, 50, 80, 150]) {
      const interrupt = AbortSignal.timeout(ms)
      const error = await ensure('local', null, interrupt).catch((e) => e)
      if (error instanceof Map) {
        expect(await mine()).toHaveLength(1)
        await removeImages(engine, signal, isMine)
      } else {
        expect(error).toBe(interrupt.reason)
        expect(await mine()).toEqual([])
      }
    }
  })

  describe('from a registry', () => {
    it('that does not answer fail with the reason for each, or are built where that is allowed', async () => {
      const error = await ensure('registry', '127.180.0.251:5000').catch((e) => e)
      expect(error).toMatchObject({
        code: 'EZ_IMAGES_UNAVAILABLE',
        cause: {
          errors: [expect.objectContaining({ message: expect.stringContaining('127.180.0.251:5000/ezone/toxiproxy') })],
        },
      })
      expect(await mine()).toEqual([])
      await ensure('auto', '127.180.0.251:5000')
      expect(await mine()).toHaveLength(1)
    })

    it('that has them are pulled, and are then the same as those built here', async () => {
      await using registry = await startRegistry('127.180.0.252:5000')
      const reference = (await ensure('local')).get('toxiproxy') ?? ''
      await push(engine, reference, registry.address)
      await removeImages(engine, signal, isMine)
      expect(await hasImage(engine, reference, signal)).toBe(false)

      expect((await ensure('registry', registry.address)).get('toxiproxy')).toBe(reference)
      expect(await mine()).toMatchObject([{ reference, holds: 'toxiproxy-0.0.1-test' }])
    })
  })
})

/** The registry of the Debian packages, storing in a folder of its own. */
async function startRegistry(address: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ezone-registry-'))
  await mkdir(join(folder, 'data'))
  const config = `version: 0.1\nstorage: { filesystem: { rootdirectory: ${folder}/data } }\nhttp: { addr: '${address}' }\n`
  await writeFile(join(folder, 'config.yml'), config)
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const answers = async () => {
    while ((await fetch(`http://${address}/v2/`).catch(() => null))?.status !== 200) await sleep(50)
  }
  await Promise.race([failed, answers()])
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function push(engine: Engine, reference: string, registry: string): Promise<void> {
  const [repository, tag = ''] = reference.split(':')
  await engine.call('push', signal, async (docker) => {
    await docker.getImage(reference).tag({ repo: `${registry}/${repository}`, tag })
    const remote = docker.getImage(`${registry}/${reference}`)
    const progress = await remote.push({ authconfig: { username: 'nobody', password: '' } })
    await new Promise((resolve, reject) =>
      docker.modem.followProgress(progress, (e) => (e ? reject(e) : resolve(null))),
    )
    await remote.remove({ force: false })
  })
}
