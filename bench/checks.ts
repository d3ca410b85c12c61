// How long a verdict takes: `npm run bench:checks -- [--short]`. A history of 100,000 operations is played, written to a
// file as a run writes it, read again and judged by all claims.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { systemClock } from '@ezone/sdk/clock'
import { judge } from '../testbed/checks/judge.ts'
import { readHistory } from '../testbed/ledger/history-reader.ts'
import { playedHistory } from '../testbed/testing/played-history.ts'
import { mustBe } from '../tools/proof.ts'
import { atMost, busy, type Measured, median, merely } from './plane/figures.ts'
import { runParts } from './run-parts.ts'

/** With the steps that bring its orders to their end a run has about twice as many operations. */
const operationsPerDrawn = 1.88

await runParts({
  name: 'checks',
  alone: (short) => ({ verdict: () => verdict(short ? 10_000 : 100_000, short ? 3 : 5) }),
  together: () => ({}),
})

async function verdict(operations: number, rounds: number): Promise<Measured> {
  const before = busy()
  const folder = await mkdtemp(join(tmpdir(), 'ezc-'))
  const [judged, cpu, read]: [number[], number[], number[]] = [[], [], []]
  let counted = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const file = join(folder, `${round}.ndjson`)
      const drawn = Math.ceil(operations / operationsPerDrawn)
      const lines = playedHistory({ seed: round + 1, operations: drawn, move: 'planned' }).map((one) =>
        JSON.stringify(one),
      )
      await writeFile(file, `${lines.join('\n')}\n`)
      const beganMs = systemClock.monotonicMs()
      const history = await readHistory(file)
      read.push((systemClock.monotonicMs() - beganMs) / 1_000)
      counted = history.op.length
      const [judgedFromMs, cpuFrom] = [systemClock.monotonicMs(), process.cpuUsage()]
      const result = judge(history, { allowed: { lossWindowMs: 0, ackMs: 1_000, lagOffMs: 1_000 } })
      judged.push((systemClock.monotonicMs() - judgedFromMs) / 1_000)
      const { user, system } = process.cpuUsage(cpuFrom)
      cpu.push((user + system) / 1e6)
      mustBe(result.verdict === 'valid', `a correct run is ${result.verdict}`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return {
    figures: [
      atMost('all claims, measures and the grade of a history, median', median(judged), 's', 3),
      merely('the same, processor time', median(cpu), 's'),
      merely('the same, worst', Math.max(...judged), 's'),
      merely('reading it from its file, median', median(read), 's'),
    ],
    load: [before, busy()],
    notes: { operations: counted, rounds },
  }
}
