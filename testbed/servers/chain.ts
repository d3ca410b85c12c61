import type { SourceSetting } from '../topology/schema.ts'
import type { Source } from './source.ts'
import { debianSource } from './sources/debian.ts'
import { goSource } from './sources/go.ts'
import { imageSource } from './sources/image.ts'
import { mavenSource } from './sources/maven.ts'
import { pathSource } from './sources/path.ts'
import { urlSource } from './sources/url.ts'

/** One entry of the user's `sources` with the sources behind it. */
export interface ChainLink {
  /** As the user would recognise it: `path`, `packages`, `url:…`, `image:…`. */
  readonly name: string
  readonly sources: readonly Source[]
}

export const defaultSources: readonly SourceSetting[] = ['path', 'packages']

/** New sources each time: they remember what one run has already downloaded. */
export function chainOf(settings: readonly SourceSetting[]): readonly ChainLink[] {
  return settings.map((setting) => {
    if (setting === 'path') return { name: 'path', sources: [pathSource()] }
    if (setting === 'packages') return { name: 'packages', sources: [debianSource(), mavenSource(), goSource()] }
    const source = 'url' in setting ? urlSource(setting) : imageSource(setting)
    return { name: source.name, sources: [source] }
  })
}
