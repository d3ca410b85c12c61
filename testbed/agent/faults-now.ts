import { systemClock } from '@ezone/sdk/clock'
import { openFaults } from '../chaos/open-faults.ts'
import { folderOf } from '../session/names.ts'
import type { OpenFault } from '../session/status.ts'
import { paths as files } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'

/** What is broken in a testbed now, without asking its agent. */
export const faultsNow = (name: string): Promise<readonly OpenFault[]> =>
  openFaults(files.leases(folderOf(folders().state, name)), systemClock.nowMs())
