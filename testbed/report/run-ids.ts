import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Where the runs of a testbed leave their histories and reports, one folder each. Beside the testbeds, not in them: `down`
 * ends a testbed, and its reports are what is left to show of it.
 */
export const runsFolder = (stateFolder: string, testbed: string): string => join(stateFolder, 'runs', testbed)

export const reportFiles = {
  truth: 'report.json',
  page: 'report.html',
  markdown: 'report.md',
  junit: 'junit.xml',
} as const

/** Ids of the runs that have a report, newest last. Ids begin with the time, so their order is that of the runs. */
export async function runIds(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const written = await Promise.all(
    ids.map(async (id) => (await fileNames(join(folder, id))).includes(reportFiles.truth)),
  )
  return ids.filter((_, index) => written[index]).sort()
}

const fileNames = async (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
