import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { nearest } from '../topology/nearest.ts'
import { type Report, reportFormat, reportSchema } from './schema.ts'

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

/** The id as typed, the newest where none was, or the only one that begins so. @throws EZ_NO_REPORT */
export async function findRun(folder: string, asked: string | undefined): Promise<string> {
  const ids = await runIds(folder)
  const newest = ids.at(-1)
  if (newest === undefined)
    throw new EzoneError('EZ_NO_REPORT', 'no run of this testbed has left a report', {
      hint: 'Run a drill first: `ezone drill run partition`.',
    })
  if (asked === undefined || asked === 'last') return newest
  const fitting = ids.includes(asked) ? [asked] : ids.filter((id) => id.startsWith(asked))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const near = nearest(asked, ids)
  throw new EzoneError(
    'EZ_NO_REPORT',
    fitting.length > 1
      ? `${JSON.stringify(asked)} is the beginning of ${fitting.length} runs`
      : `there is no run ${JSON.stringify(asked)}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

/** @throws EZ_OTHER_VERSION, EZ_STATE_UNREADABLE */
export async function readReport(folder: string, id: string): Promise<Report> {
  const path = join(folder, id, reportFiles.truth)
  const unreadable = (cause: unknown) =>
    new EzoneError('EZ_STATE_UNREADABLE', `${path} is not a report that can be read`, { cause })
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw unreadable(cause)
  }
  const format = (json as { format?: unknown } | null)?.format
  if (format !== reportFormat)
    throw new EzoneError('EZ_OTHER_VERSION', `${path} has format ${String(format)}; this ezone reads ${reportFormat}`, {
      hint: 'Open its report.html, which needs no ezone.',
    })
  const parsed = reportSchema.safeParse(json)
  if (!parsed.success) throw unreadable(parsed.error)
  return parsed.data
}
