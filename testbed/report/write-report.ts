import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { junitOf } from './junit.ts'
import { markdownOf } from './markdown.ts'
import { pageOf } from './page.ts'
import { reportFiles } from './runs.ts'
import { type Report, reportSchema } from './schema.ts'

/** Paths of what was written. */
export type WrittenReport = Readonly<Record<keyof typeof reportFiles, string>>

/**
 * Writes the truth, and what is made from it, into the folder of a run. The truth comes last and by a rename: where it
 * stands all of it stands. Checked against its own schema before: what could not be read again is not worth writing.
 */
export async function writeReport(folder: string, report: Report): Promise<WrittenReport> {
  const truth = reportSchema.parse(report)
  const paths: WrittenReport = {
    truth: join(folder, reportFiles.truth),
    page: join(folder, reportFiles.page),
    markdown: join(folder, reportFiles.markdown),
    junit: join(folder, reportFiles.junit),
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await Promise.all([
    pageOf(truth).then((page) => writeFile(paths.page, page)),
    writeFile(paths.markdown, markdownOf(truth)),
    writeFile(paths.junit, junitOf(truth)),
  ])
  await writeFile(`${paths.truth}.new`, `${JSON.stringify(truth, null, 1)}\n`)
  await rename(`${paths.truth}.new`, paths.truth)
  return paths
}
