import { EzoneError } from '@ezone/sdk/errors'
import type { ServerHome, ServerKind } from '../../servers/home.ts'
import type { SpecKind } from '../../topology/blueprint.ts'
import type { Engine } from './engine.ts'
import { fingerprint, type Layer } from './image-archive.ts'
import { missingGround } from './self-contained.ts'

/** What one image holds. Kafka and ZooKeeper share theirs, since Java is by far the largest part of it. */
const contents = {
  mysql: ['mysql'],
  redis: ['redis'],
  jvm: ['java', 'kafka', 'zookeeper'],
  toxiproxy: ['toxiproxy'],
} as const satisfies Record<string, readonly ServerKind[]>

export type ImageName = keyof typeof contents

const imageNames: Readonly<Record<Exclude<SpecKind, 'service'>, ImageName>> = {
  mysql: 'mysql',
  redis: 'redis',
  kafka: 'jvm',
  zookeeper: 'jvm',
  toxiproxy: 'toxiproxy',
}

export function imageNameOf(kind: SpecKind): ImageName {
  if (kind === 'service') throw new TypeError('services are processes of the host on every runtime')
  return imageNames[kind]
}

/** A home as programs in a container see it. Its version is in the path: a new server is another launch. */
export function homeInside(home: ServerHome): ServerHome {
  return { ...home, root: `/opt/${home.kind}-${home.version}` }
}

/** An image that shall exist, whoever makes it. */
export interface WantedImage {
  readonly name: ImageName
  /** `ezone/redis`; its tag says what is in it, so that the same servers are the same image on every machine. */
  readonly repository: string
  readonly tag: string
  readonly layers: readonly Layer[]
  /** `redis-8.0.6` */
  readonly holds: string
}

export const referenceOf = ({ repository, tag }: WantedImage) => `${repository}:${tag}`

/** @throws EZ_IMAGES_UNAVAILABLE where a server cannot run anywhere but on this very machine. */
export async function wantedImages(
  kinds: readonly SpecKind[],
  homes: ReadonlyMap<ServerKind, ServerHome>,
): Promise<readonly WantedImage[]> {
  const names = [...new Set(kinds.map(imageNameOf))]
  return Promise.all(
    names.map((name) =>
      wantedImage(
        name,
        contents[name].flatMap((kind) => homes.get(kind) ?? []),
      ),
    ),
  )
}

async function wantedImage(name: ImageName, homes: readonly ServerHome[]): Promise<WantedImage> {
  const obstacles = (await Promise.all(homes.map(missingGround))).filter((why) => why !== null)
  if (homes.length === 0) obstacles.push(`no server is at hand for image ${name}`)
  if (obstacles.length > 0) {
    throw new EzoneError('EZ_IMAGES_UNAVAILABLE', `image ${name} cannot be made: ${obstacles.join('; ')}`, {
      hint: 'Let the server come from packages: put `packages` before `path` in the sources of ezone.yaml.',
    })
  }
  const layers = homes.map((home) => ({ from: home.root, to: homeInside(home).root }))
  return {
    name,
    repository: `ezone/${name}`,
    tag: await fingerprint(layers),
    layers,
    holds: homes.map((home) => `${home.kind}-${home.version}`).join(','),
  }
}

export async function hasImage(engine: Engine, reference: string, signal: AbortSignal): Promise<boolean> {
  const found = await engine.find(`look up image ${reference}`, signal, (docker, abortSignal) =>
    docker.getImage(reference).inspect({ abortSignal } as object),
  )
  return found !== null
}
