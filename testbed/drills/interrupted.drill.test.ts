import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FaultReport } from '../chaos/fault.ts'
import { readHistory } from '../ledger/history-reader.ts'
import { type Answer, Cli } from '../testing/cli.ts'
import { shortDrill } from '../testing/short-drill.ts'
import type { DrillResult } from './drill.ts'
import { runFiles } from './run-folder.ts'

// A drill as a user runs it, on a testbed of its own, broken off in the middle of its fault.

let cli: Cli

beforeAll(async () => {
  cli = await Cli.open('process')
  expect(await cli.up()).toMatchObject({ exit: 0 })
  await writeFile(join(cli.state, 'cut.yaml'), shortDrill('17s'))
})

afterAll(() => cli?.[Symbol.asyncDispose]())

const resultOf = (answer: Answer) => answer.data as DrillResult

/** What is in force, and the last fault there was. */
async function faults(): Promise<{ readonly open: number; readonly last: FaultReport | undefined }> {
  const { data } = await cli.run('chaos', 'status')
  const all = (data as { faults: readonly FaultReport[] }).faults
  return { open: all.filter(({ state }) => state !== 'ended').length, last: all.at(-1) }
}

it('removes its fault, writes its report and exits with 130 when it is interrupted; and is run again by its id', async () => {
  const { child, answer } = cli.start('drill', 'run', 'cut.yaml', '--seed', '8')
  const deadline = AbortSignal.timeout(90_000)
  while ((await faults()).open === 0) await sleep(200, undefined, { signal: deadline })
  child.kill('SIGINT')
  const ended = await answer
  expect([ended.exit, ended.error?.code]).toEqual([130, 'EZ_INTERRUPTED'])
  const result = resultOf(ended)
  expect(result).toMatchObject({ verdict: 'unknown', interrupted: true, seed: 8 })
  expect(await faults()).toMatchObject({ open: 0, last: { removal: { proven: true } } })
  const history = await readHistory(join(dirname(result.report ?? ''), runFiles.history))
  expect(history.end).toMatchObject([{ interrupted: true }])

  // What it is to be is read from the run, whatever the file says by now.
  await writeFile(join(cli.state, 'cut.yaml'), 'name: other\n')
  const again = cli.start('drill', 'replay', result.run)
  while ((await faults()).open === 0) await sleep(200, undefined, { signal: deadline })
  again.child.kill('SIGINT')
  expect(resultOf(await again.answer)).toMatchObject({ drill: 'cut', seed: 8, lost: 'sh' })
})
