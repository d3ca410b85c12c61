import { EzoneError } from '@ezone/sdk/errors'
import { readManifests } from '../topology/manifests.ts'
import { folderOf, requireName } from './names.ts'
import { check, install } from './npm.ts'
import { place } from './place.ts'
import { render } from './render.ts'
import { type SdkTarball, sdkTarball } from './sdk-tarball.ts'
import { requireStarts } from './starts.ts'
import { readTemplate } from './templates.ts'
import type { Wanted } from './wanted.ts'

/** What `ezone new service` has made. */
export interface NewService {
  readonly name: string
  readonly template: string
  readonly folder: string
  /** Paths below the folder. */
  readonly files: readonly string[]
  /** False where it was not asked for, or npm could not. */
  readonly installed: boolean
  /** Whether it was started without a testbed and was seen to live; done after an install. */
  readonly started: boolean
  /** Whether its own checks and tests were run, and passed. */
  readonly checked: boolean
}

export interface NewServiceOptions extends Wanted {
  /** Where to make it; by default a folder of its name. */
  readonly dir: string | undefined
  /** The folder that paths are meant from. */
  readonly here: string
  readonly signal: AbortSignal
}

/** Names of services that are the platform's own. */
export const platformServices = async (): Promise<readonly string[]> => (await readManifests()).map(({ name }) => name)

/**
 * Makes the folder of a new service from a template, whole or not at all.
 * @throws EZ_USAGE, EZ_NAME_TAKEN
 */
export async function makeService(
  { name, template, dir, here, signal }: NewServiceOptions,
  sdk: () => Promise<SdkTarball> = sdkTarball,
): Promise<NewService> {
  requireName(name, await platformServices())
  const folder = folderOf(name, dir, here)
  const { file, bytes } = await sdk()
  const texts = render(await readTemplate(template), { name, sdkTarball: file })
  const files = new Map<string, string | Buffer>([...texts, [`vendor/${file}`, bytes]])
  await place(folder, files, signal)
  return { name, template, folder, files: [...files.keys()].sort(), installed: false, started: false, checked: false }
}

/** How far a service was brought, and what kept it from more. */
export interface Equipped {
  readonly service: NewService
  readonly failure: EzoneError | null
}

/** Installs a service and shows that it starts; with `checks`, that its checks and tests pass. What fails is told, not thrown. */
export async function equip(
  made: NewService,
  {
    checks,
    signal,
    tell,
  }: { readonly checks: boolean; readonly signal: AbortSignal; readonly tell: (text: string) => void },
): Promise<Equipped> {
  let service = made
  try {
    tell('installing what it needs (npm install)')
    await install(service.folder, signal)
    service = { ...service, installed: true }
    await requireStarts(service.folder, signal)
    service = { ...service, started: true }
    if (!checks) return { service, failure: null }
    tell('running its checks and tests')
    await check(service.folder, signal)
    return { service: { ...service, checked: true }, failure: null }
  } catch (error) {
    if (EzoneError.is(error)) return { service, failure: error }
    throw error
  }
}
