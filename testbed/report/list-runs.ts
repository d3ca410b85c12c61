import { join } from 'node:path'
import { readReport, reportFiles, runIds } from './runs.ts'
import type { Report } from './schema.ts'

/** A run as a list shows it; one whose report cannot be read is there too, with the reason. */
export interface ListedRun {
  readonly run: string
  readonly drill: string | null
  readonly verdict: Report['verdict'] | null
  readonly grade: string | null
  readonly rtoMs: number | null
  readonly rpoOrders: number | null
  readonly startedAt: string | null
  readonly page: string
  readonly error: string | null
}

/** Newest first. */
export async function listRuns(folder: string): Promise<readonly ListedRun[]> {
  const ids = await runIds(folder)
  return Promise.all(ids.toReversed().map((id) => listed(folder, id)))
}

async function listed(folder: string, run: string): Promise<ListedRun> {
  const page = join(folder, run, reportFiles.page)
  const nothing = { drill: null, verdict: null, grade: null, rtoMs: null, rpoOrders: null, startedAt: null }
  try {
    const { drill, verdict, grade, rtoMs, rpoOrders, startedAt } = await readReport(folder, run)
    return { run, drill, verdict, grade, rtoMs, rpoOrders: rpoOrders.length, startedAt, page, error: null }
  } catch (error) {
    return { run, ...nothing, page, error: error instanceof Error ? error.message : String(error) }
  }
}
