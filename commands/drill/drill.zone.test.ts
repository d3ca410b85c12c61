import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { FaultReport } from '../../testbed/chaos/fault.ts'
import { checks } from '../../testbed/checks/all.ts'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import { runFiles } from '../../testbed/drills/run-folder.ts'
import { readHistory } from '../../testbed/ledger/history-reader.ts'
import { type Answer, Cli } from '../../testbed/testing/cli.ts'
import { shortDrill } from '../../testbed/testing/short-drill.ts'

// A drill as a user runs it, on a sound testbed and on one with a planted bug.

const drill = shortDrill('8s')

async function drilled(cli: Cli, ...flags: readonly string[]): Promise<{ answer: Answer; result: DrillResult }> {
  expect(await cli.up(...flags)).toMatchObject({ exit: 0 })
  await writeFile(join(cli.state, 'cut.yaml'), drill)
  const answer = await cli.run('drill', 'run', 'cut.yaml', '--seed', '7')
  return { answer, result: answer.data as DrillResult }
}

/** Where the clients could not keep even this rate the machine was too busy for a verdict; then it must say so itself. */
const overloaded = ({ why }: DrillResult) => why.length > 0 && why.every((one) => /overloaded|for a grade/.test(one))

it('runs to a verdict: the fault is shown and gone, every claim is judged, the report is written', async () => {
  await using cli = await Cli.open()
  const { answer, result } = await drilled(cli)
  const wanted = overloaded(result) ? [8, 'unknown'] : [0, 'valid']
  expect([answer.exit, result.verdict], result.why.join('\n')).toEqual(wanted)
  expect(result).toMatchObject({
    drill: 'cut',
    seed: 7,
    lost: 'sh',
    policy: 'available',
    left: null,
    interrupted: false,
  })
  expect(result.steps).toMatchObject([{ text: 'partition sh-bj, for 8s', wantedMs: 2_000, error: null }])
  expect(result.claims.map(({ name }) => name)).toEqual(checks.map(({ name }) => name))

  const { data } = await cli.run('chaos', 'status')
  const { faults } = data as { faults: readonly FaultReport[] }
  expect(faults.map(({ state }) => state)).toEqual(['ended'])
  expect(faults[0]).toMatchObject({ kind: 'partition', effect: { proven: true }, removal: { proven: true } })

  const folder = dirname(result.report ?? '')
  const history = await readHistory(join(folder, runFiles.history))
  expect(history.begin[0]).toMatchObject({ name: 'cut', seed: 7 })
  expect(history.fault.map(({ phase }) => phase)).toEqual(['asked', 'in-force', 'ended'])
  expect(history.op.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(50)
  expect(history.end).toMatchObject([{ interrupted: false }])
  expect(await readFile(join(folder, runFiles.scenario), 'utf8')).toBe(drill)
  expect((await stat(result.report ?? '')).size).toBeGreaterThan(10_000)
})

it('is invalid where replication loses changes, and says by an order that is not there', async () => {
  await using cli = await Cli.open()
  const { answer, result } = await drilled(cli, '--sabotage', 'lost-apply')
  expect([answer.exit, result.verdict], result.why.join('\n')).toEqual([7, 'invalid'])
  const claim = result.claims.find(({ name }) => name === 'stores-converged')
  expect(claim?.verdict).toBe('invalid')
  expect(claim?.counterexample).toMatch(/\d{10,19}/)
})
