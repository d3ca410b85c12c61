import { mkdir } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import { EzoneError } from '@ezone/sdk/errors'
import { connectEngine, type Engine, engineLimits } from '../../runtimes/docker/engine.ts'
import { labelled, labels } from '../../runtimes/docker/labels.ts'
import { answered } from '../../runtimes/docker/long-answer.ts'
import { marks } from '../../surroundings/processes.ts'
import type { ImageSetting } from '../../topology/schema.ts'
import { run } from '../run.ts'
import type { Ground, Source } from '../source.ts'
import { linksBecomeRelative } from './tree.ts'

/** On the container whose files are read: it never runs, and only the holder of the kind's lock makes one. */
const fetchLabel = 'ezone.fetch'

/** Parts of an image that no server reads, and those that the engine adds itself. */
const leftOut = [
  'dev',
  'proc',
  'sys',
  'run',
  'tmp',
  'boot',
  'home',
  'media',
  'var',
  'usr/share/man',
  'usr/share/locale',
]

/** A server out of a Docker image: its files are exported once; afterwards it runs like any other. */
export function imageSource(setting: ImageSetting): Source {
  return {
    name: `image:${setting.image}@${setting.digest}`,
    offers: (kind) => kind === setting.kind,
    obstacle: async () => null,
    async fetch(_kind, into, ground) {
      const engine = await connectEngine(ground.signal)
      await havePromised(engine, setting, ground)
      ground.report('reading the files of the image')
      await exportFiles(engine, setting.image, into, ground)
      await linksBecomeRelative(into)
      return { files: true }
    },
  }
}

/** The image is on the engine, and is the one the user named by its digest. */
async function havePromised(engine: Engine, { image, digest, kind }: ImageSetting, ground: Ground): Promise<void> {
  const look = () =>
    engine.find(`inspect image ${image}`, ground.signal, (docker, abortSignal) =>
      docker.getImage(image).inspect({ abortSignal } as object),
    )
  let found = await look()
  if (found === null) {
    ground.report(`pulling ${image}`)
    await engine.call(
      `pull image ${image}`,
      ground.signal,
      async (docker, abortSignal) => answered(docker, await docker.pull(image, { abortSignal }), abortSignal),
      engineLimits.pullMs,
    )
    found = await look()
  }
  if (found === null) throw new Error(`the engine pulled ${image}, but does not have it`)
  const digests = [found.Id, ...(found.RepoDigests ?? []).map((name) => name.slice(name.indexOf('@') + 1))]
  if (digests.includes(digest)) return
  throw new EzoneError(
    'EZ_HASH_MISMATCH',
    `image ${image} is ${digests.join(' or ')}, but ${digest} was promised for ${kind}`,
  )
}

async function exportFiles(engine: Engine, image: string, into: string, ground: Ground): Promise<void> {
  const { signal, marker } = ground
  await removeContainers(engine, into)
  const testbed = marker[marks.testbed]
  const container = await engine.call(`create a container of ${image}`, signal, (docker, abortSignal) =>
    docker.createContainer({
      Image: image,
      // Never started, but the engine insists on a command, and an image may have none.
      Cmd: ['-'],
      Labels: { [fetchLabel]: into, ...(testbed !== undefined && { [labels.testbed]: testbed }) },
      abortSignal,
    }),
  )
  try {
    const files = await engine.call(`export ${image}`, signal, (_docker, abortSignal) =>
      container.export({ abortSignal }),
    )
    await mkdir(into, { recursive: true })
    const exclude = leftOut.map((folder) => `--exclude=${folder}`)
    await run('tar', ['-x', '-C', into, '--no-same-owner', '--anchored', ...exclude], {
      signal,
      deadlineMs: engineLimits.importMs,
      env: marker,
      input: [addAbortSignal(signal, files as Readable)],
    })
  } finally {
    await removeContainers(engine, into)
  }
}

/** Also what a killed run left; with a limit of its own, because it must happen after an abort too. */
async function removeContainers(engine: Engine, into: string): Promise<void> {
  const signal = AbortSignal.timeout(engineLimits.callMs)
  const stale = await engine.call('list containers', signal, (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: labelled(fetchLabel, into), abortSignal }),
  )
  for (const { Id } of stale) {
    await engine.find(`remove container ${Id}`, signal, (docker, abortSignal) =>
      docker.getContainer(Id).remove({ force: true, abortSignal }),
    )
  }
}
