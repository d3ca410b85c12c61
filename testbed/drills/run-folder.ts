import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import { z } from 'zod'
import { runsFolder } from '../report/runs.ts'
import { suggestion } from '../topology/nearest.ts'

/** Files of a run beside its report. */
export const runFiles = { scenario: 'scenario.yaml', how: 'run.json', history: 'history.ndjson' } as const

/** How a run was begun: with its scenario, all it takes to run it again. */
const howSchema = z.object({
  format: z.literal(1),
  drill: z.string(),
  /** How the scenario was called in messages. */
  file: z.string(),
  seed: z.int(),
  lost: z.string(),
  testbed: z.string(),
  policy: z.string(),
})
export type RunHow = Omit<z.output<typeof howSchema>, 'format'>

/** Makes the folder of a new run. Its id begins with the time: `20261121-202741-partition`. */
export async function makeRunFolder(
  stateFolder: string,
  { how, text, clock }: { readonly how: RunHow; readonly text: string; readonly clock: Clock },
): Promise<{ readonly id: string; readonly folder: string }> {
  const time = new Date(clock.nowMs()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const id = `${time}-${how.drill}`
  const folder = join(runsFolder(stateFolder, how.testbed), id)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, runFiles.scenario), text, { mode: 0o600 })
  await writeFile(join(folder, runFiles.how), `${JSON.stringify({ format: 1, ...how }, null, 1)}\n`, { mode: 0o600 })
  return { id, folder }
}

/**
 * How a run was begun, of which the id or its beginning is given; also one that left no report.
 * @throws EZ_UNKNOWN_DRILL where there is none, or where it was no drill
 */
export async function readRun(
  stateFolder: string,
  testbed: string,
  asked: string,
): Promise<{ readonly how: RunHow; readonly text: string }> {
  const known = (await readdir(runsFolder(stateFolder, testbed)).catch(() => [])).sort()
  const fitting = known.includes(asked) ? [asked] : known.filter((id) => id.startsWith(asked))
  const [id] = fitting
  if (id === undefined || fitting.length > 1)
    throw new EzoneError(
      'EZ_UNKNOWN_DRILL',
      `${fitting.length || 'no'} runs begin with ${asked}; ${suggestion(asked, known)}`,
      {
        hint: 'See `ezone report list` for the runs there are.',
      },
    )
  const folder = join(runsFolder(stateFolder, testbed), id)
  try {
    const { format: _, ...how } = howSchema.parse(JSON.parse(await readFile(join(folder, runFiles.how), 'utf8')))
    return { how, text: await readFile(join(folder, runFiles.scenario), 'utf8') }
  } catch (cause) {
    throw new EzoneError('EZ_UNKNOWN_DRILL', `${folder} does not say how it was begun`, { cause })
  }
}
