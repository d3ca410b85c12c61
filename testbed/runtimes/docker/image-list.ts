import type { Engine } from './engine.ts'
import { labelled, labels } from './labels.ts'
import { statusOf } from './refusals.ts'

export interface BuiltImage {
  readonly id: string
  readonly reference: string
  /** `java-21.0.13,kafka-4.3.0,zookeeper-3.9.5` */
  readonly holds: string
  readonly bytes: number
}

/** Every image of ezone in this engine, of whatever testbed and version. */
export async function listImages(engine: Engine, signal: AbortSignal): Promise<readonly BuiltImage[]> {
  const images = await engine.call('list images', signal, (docker, abortSignal) =>
    docker.listImages({ filters: labelled(labels.image), abortSignal } as object),
  )
  return images.map((image) => ({
    id: image.Id,
    reference: image.RepoTags?.[0] ?? image.Id,
    holds: image.Labels?.[labels.image] ?? '',
    bytes: image.Size,
  }))
}

/**
 * Removes the images of ezone, except those some container still stands on; `unwanted` limits it further.
 * Returns what was removed.
 */
export async function removeImages(
  engine: Engine,
  signal: AbortSignal,
  unwanted: (image: BuiltImage) => boolean = () => true,
): Promise<readonly BuiltImage[]> {
  const removed: BuiltImage[] = []
  for (const image of (await listImages(engine, signal)).filter(unwanted)) {
    try {
      await engine.find(`remove image ${image.reference}`, signal, (docker, abortSignal) =>
        docker.getImage(image.id).remove({ force: false, abortSignal } as object),
      )
      removed.push(image)
    } catch (error) {
      if (statusOf(error) !== 409) throw error
    }
  }
  return removed
}
