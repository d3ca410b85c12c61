import { addAbortSignal } from 'node:stream'
import { type Engine, engineLimits } from './engine.ts'
import { archive } from './image-archive.ts'
import { referenceOf, type WantedImage } from './images.ts'
import { labels } from './labels.ts'
import { answered } from './long-answer.ts'

/**
 * Makes an image of one layer from folders of the server cache: 1-3 s for the largest, once per version.
 *
 * An interruption cuts the archive off, which the engine throws away. Once all of it is sent the engine finishes the image
 * whatever we do, so the answer is waited for: there is never an image that appears when nobody looks any more.
 */
export function buildImage(engine: Engine, image: WantedImage, signal: AbortSignal): Promise<void> {
  return engine.call(
    `import image ${referenceOf(image)}`,
    signal,
    async (docker, interrupted) => {
      const deadline = AbortSignal.timeout(engineLimits.importMs)
      const answer = await docker.importImage(addAbortSignal(interrupted, archive(image.layers)), {
        repo: image.repository,
        tag: image.tag,
        changes: [`LABEL ${labels.image}=${image.holds}`],
        abortSignal: deadline,
      })
      await answered(docker, answer, deadline)
    },
    engineLimits.importMs,
  )
}
