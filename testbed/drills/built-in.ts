import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { packageRoot } from '../surroundings/folders.ts'
import { suggestion } from '../topology/nearest.ts'
import { scenarioAsWritten } from './scenario.ts'
import type { Scenario } from './schema.ts'

const folder = join(packageRoot, 'testbed', 'drills', 'scenarios')
const bytesMax = 256 * 1024

/** The text of a scenario, and how it is called in messages. */
export interface ScenarioText {
  readonly file: string
  readonly text: string
}

/** Names of the built-in drills. */
export async function builtInNames(): Promise<readonly string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/** Every built-in drill as it is written, roles not put in. */
export async function builtIns(): Promise<readonly Scenario[]> {
  const texts = await Promise.all((await builtInNames()).map((name) => scenarioText(name, folder)))
  return texts.map(({ text, file }) => scenarioAsWritten(text, file))
}

/**
 * The scenario that is meant: a file where the word looks like one, else a built-in drill.
 * @param here the folder a file is looked for in
 * @throws EZ_UNKNOWN_DRILL, EZ_SCENARIO_INVALID where the file is too large to be one
 */
export async function scenarioText(wanted: string, here: string): Promise<ScenarioText> {
  if (/[/\\]|\.ya?ml$/.test(wanted)) return readScenario(resolve(here, wanted), wanted)
  const names = await builtInNames()
  if (!names.includes(wanted))
    throw new EzoneError('EZ_UNKNOWN_DRILL', `no drill is called ${wanted}; ${suggestion(wanted, names)}`)
  return readScenario(join(folder, `${wanted}.yaml`), `${wanted}.yaml`)
}

async function readScenario(path: string, file: string): Promise<ScenarioText> {
  const unreadable = (cause: Error) =>
    new EzoneError('EZ_UNKNOWN_DRILL', `the scenario ${file} cannot be read: ${cause.message}`, { cause })
  const { size } = await stat(path).catch((cause: Error) => {
    throw unreadable(cause)
  })
  if (size > bytesMax)
    throw new EzoneError('EZ_SCENARIO_INVALID', `${file} has ${size} bytes; more than ${bytesMax} is no scenario`)
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw unreadable(cause)
  })
  return { file, text }
}
