import { EzoneError } from '@ezone/sdk/errors'
import type { ServerHome, ServerKind } from '../../servers/home.ts'
import type { SpecKind } from '../../topology/blueprint.ts'
import type { Engine } from './engine.ts'
import { buildImage } from './image-build.ts'
import { pullImage } from './image-pull.ts'
import { hasImage, type ImageName, referenceOf, type WantedImage, wantedImages } from './images.ts'

export interface ImageWish {
  /** `local`: built from the server cache. `registry`: pulled. `auto`: pulled where a mirror is named and has it, else built. */
  readonly images: 'auto' | 'local' | 'registry'
  readonly registryMirror: string | null
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  readonly kinds: readonly SpecKind[]
}

/**
 * Image name -> reference, for everything that shall run. An image that is there already is never made again.
 *
 * @throws EZ_IMAGES_UNAVAILABLE whose cause is an AggregateError with the reason for every image that could not be had.
 */
export async function ensureImages(
  engine: Engine,
  wish: ImageWish,
  signal: AbortSignal,
): Promise<ReadonlyMap<ImageName, string>> {
  const wanted = await wantedImages(wish.kinds, wish.homes)
  const reasons: Error[] = []
  // One after the other: the engine unpacks on one disk, side by side takes longer.
  for (const image of wanted) {
    if (await hasImage(engine, referenceOf(image), signal)) continue
    const reason = await obtain(engine, image, wish, signal)
    if (reason !== null) reasons.push(reason)
  }
  if (reasons.length > 0) {
    throw new EzoneError('EZ_IMAGES_UNAVAILABLE', `${reasons.length} of ${wanted.length} images could not be pulled`, {
      cause: new AggregateError(reasons, reasons.map((reason) => reason.message).join('; ')),
    })
  }
  return new Map(wanted.map((image) => [image.name, referenceOf(image)]))
}

/** Null when the image is there afterwards, else why it could not be pulled. A failed build is an error of its own. */
async function obtain(
  engine: Engine,
  image: WantedImage,
  { images, registryMirror }: ImageWish,
  signal: AbortSignal,
): Promise<Error | null> {
  if (images === 'registry' || (images === 'auto' && registryMirror !== null)) {
    try {
      await pullImage(engine, image, registryMirror, signal)
      return null
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Error)) throw error
      if (images === 'registry') return error
    }
  }
  await buildImage(engine, image, signal)
  return null
}
