import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine, type Engine } from '../../runtimes/docker/engine.ts'
import { answered } from '../../runtimes/docker/long-answer.ts'
import { folders } from '../../surroundings/folders.ts'
import { temporaryFolder } from '../../testing/jar-set.ts'
import { provide } from '../provide.ts'

const signal = AbortSignal.timeout(300_000)
const image = 'ezone-test/redis-of-the-user:1'
let engine: Engine
let digest: string

/** An image as somebody else might have made it: a tree with Redis, its libraries and its loader. */
beforeAll(async () => {
  engine = await connectEngine(signal)
  const homes = await provide(['redis'], { cacheDir: folders().cache, sources: ['packages'], signal })
  const tar = execa('tar', ['-c', '-C', homes.get('redis')?.root ?? '', '.'], { buffer: false })
  await engine.call('import', signal, async (docker, abortSignal) => {
    const [repo, tag] = image.split(':')
    const answer = await docker.importImage(Readable.from(tar.stdout), { repo, tag })
    await answered(docker, answer, abortSignal)
  })
  await tar
  digest = (await engine.call('inspect', signal, (docker) => docker.getImage(image).inspect())).Id
})

afterAll(async () => {
  await engine.find('remove', AbortSignal.timeout(60_000), (docker) => docker.getImage(image).remove({ force: true }))
})

const containersOfFetches = () =>
  engine.call('list', signal, (docker) => docker.listContainers({ all: true, filters: { label: ['ezone.fetch'] } }))

describe('a server out of a Docker image', () => {
  it('runs from the cache when the image is the promised one, and leaves no container', async () => {
    await using folder = await temporaryFolder()
    const options = { cacheDir: folder.path, sources: [{ kind: 'redis', image, digest } as const], signal }
    const homes = await provide(['redis'], options)
    expect(homes.get('redis')).toMatchObject({
      source: `image:${image}@${digest}`,
      loader: { libraries: [expect.any(String)] },
    })
    expect(await containersOfFetches()).toEqual([])
  })

  it('is refused when the image is another one', async () => {
    await using folder = await temporaryFolder()
    const wrong = { kind: 'redis', image, digest: `sha256:${'0'.repeat(64)}` } as const
    await expect(provide(['redis'], { cacheDir: folder.path, sources: [wrong], signal })).rejects.toMatchObject({
      code: 'EZ_HASH_MISMATCH',
      message: expect.stringContaining(digest),
    })
    expect(await readdir(join(folder.path, 'scratch'))).toEqual([])
    expect(await containersOfFetches()).toEqual([])
  })

  it('is a reason among others when the image cannot be had', async () => {
    await using folder = await temporaryFolder()
    const gone = { kind: 'redis', image: '127.102.1.1:5000/none:1', digest } as const
    await expect(provide(['redis'], { cacheDir: folder.path, sources: [gone], signal })).rejects.toMatchObject({
      code: 'EZ_SERVER_UNAVAILABLE',
    })
  })
})
