import type { OnDevEvent } from './events.ts'
import { type DevGround, openDev } from './open-dev.ts'
import { FolderWatch } from './watch-folder.ts'

/** `data` of `ezone dev`: a contract, fields are only ever added. */
export interface DevResult {
  readonly name: string
  readonly folder: string
  /** Where it served when it was ended. */
  readonly zones: readonly { readonly zone: string; readonly address: string }[]
  /** How often it was changed, and how often a program of it ended by itself. */
  readonly changes: number
  readonly crashes: number
}

/**
 * Runs a service while it is being changed, until the signal is aborted; that is the ordinary end once it serves.
 * @throws as `openDev`; EZ_NO_TESTBED where the testbed is taken down meanwhile
 */
export async function dev(ground: DevGround, onEvent: OnDevEvent, signal: AbortSignal): Promise<DevResult> {
  const { project } = ground
  let [changes, crashes] = [0, 0]
  const tell: OnDevEvent = (event) => {
    if (event.type === 'crashed') crashes++
    onEvent(event)
  }
  await using running = await openDev(ground, tell, signal)
  using _ = await FolderWatch.start(project.folder, {
    onChange: (files) => {
      changes++
      tell({ type: 'changed', files })
      void running.renew()
    },
    onTrouble: (text) => tell({ type: 'warning', text }),
  })
  await running.untilEnd(signal)
  const zones = running.serving.map(({ zone, address }) => ({ zone, address: `${address.host}:${address.port}` }))
  return { name: project.name, folder: project.folder, zones, changes, crashes }
}
