import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { nearest } from '../topology/nearest.ts'
import { reportFiles, runIds } from './run-ids.ts'
import { type Report, reportFormat, reportSchema } from './schema.ts'

export { reportFiles, runIds, runsFolder } from './run-ids.ts'

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
