import { readFile } from 'node:fs/promises'
import { systemClock } from '@ezone/sdk/clock'
import { folderOf } from '../session/names.ts'
import type { OpenFault } from '../session/status.ts'
import { paths } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
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

/** What is broken in a testbed now, without asking its agent. */
export const faultsNow = (name: string): Promise<readonly OpenFault[]> =>
  openFaults(paths.leases(folderOf(folders().state, name)), systemClock.nowMs())
