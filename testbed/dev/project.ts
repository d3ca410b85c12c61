import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { type ServiceProject, serviceProjectFile, serviceProjectSchema } from '@ezone/sdk/model'
import type { Problem } from '../topology/positions.ts'
import { shapeProblems } from '../topology/shape.ts'
import { readYaml } from '../topology/yaml-text.ts'

/** The project of a service: what it says of itself, and where it is. */
export interface Project extends ServiceProject {
  readonly folder: string
}

const kind = { noun: 'service project', code: 'EZ_PROJECT_INVALID' } as const

/**
 * The project that a person names: a folder, or the service whose folder this is, or nothing for this folder.
 * @param options.taken names that the platform's own services have
 * @throws EZ_NO_PROJECT, EZ_PROJECT_INVALID
 */
export async function findProject(
  named: string | undefined,
  options: { readonly here: string; readonly taken: readonly string[] },
): Promise<Project> {
  const { here } = options
  const folder = named === undefined ? here : resolve(here, named)
  const text = await textIn(folder)
  if (text !== null) return { ...parseProject(text, options), folder }
  // `ezone dev demo`, said in the folder of demo.
  const own = named === undefined || named.includes('/') ? null : await textIn(here)
  const project = own === null ? null : parseProject(own, options)
  if (project?.name === named && project !== null) return { ...project, folder: here }
  throw await noProject(folder)
}

/** @throws EZ_PROJECT_INVALID naming everything that is wrong, with line and column */
export function parseProject(text: string, { taken }: { readonly taken: readonly string[] }): ServiceProject {
  requireJson(text)
  // JSON is YAML, whose reader knows where a field stands; but that wants spaces where JSON also takes tabs.
  const spaced = text.replaceAll('\t', ' ')
  const { value, refusal } = readYaml(spaced, { ...kind, file: serviceProjectFile })
  const problems = [
    ...shapeProblems(value, { schema: serviceProjectSchema, noun: kind.noun }),
    ...ruleProblems(value, taken),
  ]
  if (problems.length > 0) throw refusal(problems)
  return serviceProjectSchema.parse(value)
}

/** Rules between fields; of a file that may still be wrong in shape. */
function ruleProblems(value: unknown, taken: readonly string[]): readonly Problem[] {
  const { name, stores, registers, tables } = (value ?? {}) as Record<string, unknown>
  const uses = (store: string) => Array.isArray(stores) && stores.includes(store)
  return [
    ...(typeof name === 'string' && taken.includes(name)
      ? [{ at: ['name'], sentence: `${name} is a service of the platform; choose another name` }]
      : []),
    ...(registers !== false && !uses('zookeeper')
      ? [
          {
            at: ['stores'],
            sentence: 'must have "zookeeper", where the service registers; or set "registers" to false',
          },
        ]
      : []),
    ...(Array.isArray(tables) && tables.length > 0 && !uses('mysql')
      ? [{ at: ['stores'], sentence: 'must have "mysql", as there are tables' }]
      : []),
  ]
}

function requireJson(text: string): void {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new EzoneError('EZ_PROJECT_INVALID', `${serviceProjectFile} is not JSON: ${(error as Error).message}`)
  }
}

async function textIn(folder: string): Promise<string | null> {
  try {
    return await readFile(join(folder, serviceProjectFile), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new EzoneError('EZ_NO_PROJECT', `${join(folder, serviceProjectFile)} cannot be read`, { cause: error })
  }
}

async function noProject(folder: string): Promise<EzoneError> {
  const there = await stat(folder).catch(() => null)
  if (there === null) return new EzoneError('EZ_NO_PROJECT', `there is no folder ${basename(folder)} here`)
  return new EzoneError('EZ_NO_PROJECT', `${folder} has no ${serviceProjectFile}`)
}
