import { readFile } from 'node:fs/promises'
import type { OpenFault } from '../session/status.ts'
import { isOver } from './fault.ts'
import { parseFaults } from './fault-journal.ts'

/**
 * What is broken now as the journal has it, whether an agent lives or not. Empty where there is no journal, or none that
 * can be read: the agent tells of that.
 */
export async function openFaults(journal: string, nowMs: number): Promise<readonly OpenFault[]> {
  const text = await readFile(journal, 'utf8').catch(() => null)
  const ledger = text === null ? null : parseFaults(text)
  return (ledger?.faults ?? [])
    .filter((fault) => !isOver(fault))
    .map(({ id, kind, target, leaseUntilMs }) => ({ id, kind, target, endsInMs: Math.round(leaseUntilMs - nowMs) }))
}
