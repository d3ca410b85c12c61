import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { tryLock } from '../surroundings/lock.ts'
import { slotsMax } from './spec.ts'

/** A number of its own among the services in development of a testbed, and the right to be the one of its name. */
export interface Slot extends AsyncDisposable {
  readonly number: number
}

export const devFolder = (testbedFolder: string): string => join(testbedFolder, 'dev')

/** @throws EZ_DEV_RUNNING, EZ_PORT_TAKEN */
export async function takeSlot(testbedFolder: string, name: string): Promise<Slot> {
  const folder = devFolder(testbedFolder)
  await using taking = new AsyncDisposableStack()
  const own = await tryLock(join(folder, `${name}.lock`))
  if ('heldBy' in own)
    throw new EzoneError('EZ_DEV_RUNNING', `${name} is being developed here already, by pid ${own.heldBy.pid}`)
  taking.use(own)
  for (let number = 0; number < slotsMax; number++) {
    const lock = await tryLock(join(folder, `slot-${number}.lock`))
    if ('heldBy' in lock) continue
    taking.use(lock)
    const owned = taking.move()
    return { number, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }
  throw new EzoneError('EZ_PORT_TAKEN', `all ${slotsMax} addresses for services in development are taken`, {
    hint: 'End an `ezone dev` that you no longer need; `ezone status` shows them.',
  })
}
