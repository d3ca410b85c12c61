import { addAbortSignal } from 'node:stream'
import { type Engine, engineLimits } from './engine.ts'
import { archive } from './image-archive.ts'
import { referenceOf, type WantedImage } from './images.ts'
import { labels } from './labels.ts'
import { answered } from './long-answer.ts'

/** Makes an image of one layer from folders of the server cache: 1-3 s for the largest, once per version. */
export function buildImage(engine: Engine, image: WantedImage, signal: AbortSignal): Promise<void> {
  return engine.call(
    `import image ${referenceOf(image)}`,
    signal,
    async (docker, abortSignal) => {
      const answer = await docker.importImage(addAbortSignal(abortSignal, archive(image.layers)), {
        repo: image.repository,
        tag: image.tag,
        changes: [`LABEL ${labels.image}=${image.holds}`],
        abortSignal,
      })
      await answered(docker, answer, abortSignal)
    },
    engineLimits.importMs,
  )
}
