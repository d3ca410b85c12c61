import { type Engine, engineLimits } from './engine.ts'
import { referenceOf, type WantedImage } from './images.ts'
import { answered } from './long-answer.ts'

/** Registry that an image name without one means. */
const publicRegistry = 'docker.io'

/** Fetches an image from `mirror` (host, or host/path) and gives it the name it has when it is built here. */
export async function pullImage(
  engine: Engine,
  image: WantedImage,
  mirror: string | null,
  signal: AbortSignal,
): Promise<void> {
  const remote = `${mirror ?? publicRegistry}/${referenceOf(image)}`
  await engine.call(
    `pull image ${remote}`,
    signal,
    async (docker, abortSignal) => answered(docker, await docker.pull(remote, { abortSignal }), abortSignal),
    engineLimits.pullMs,
  )
  await engine.call(`tag image ${remote}`, signal, (docker, abortSignal) =>
    docker.getImage(remote).tag({ repo: image.repository, tag: image.tag, abortSignal } as { repo: string }),
  )
  // Only the tag goes: the image now has its own name.
  await engine.find(`untag image ${remote}`, signal, (docker, abortSignal) =>
    docker.getImage(remote).remove({ force: false, abortSignal } as object),
  )
}
