import { EzoneError } from '@ezone/sdk/model'
import { folders } from '../surroundings/folders.ts'
import { observerOf } from './observer.ts'
import { observedPhase } from './phases.ts'
import { testbedNames } from './record.ts'
import { findTestbed } from './testbed.ts'

export interface Listed {
  readonly name: string
  /** A phase, or `unreadable`: `ezone down --name NAME` removes that too. */
  readonly state: string
  readonly runtime: string | null
  readonly running: number
  readonly specs: number
  /** Address blocks, such as `127.10`. */
  readonly blocks: readonly string[]
  readonly createdAt: string | null
  readonly error: string | null
}

/** Every testbed that left something on this machine, whether its record can be read or not. */
export async function listTestbeds(signal: AbortSignal): Promise<readonly Listed[]> {
  const { state } = folders()
  return Promise.all((await testbedNames(state)).map((name) => describe(state, name, signal)))
}

async function describe(stateFolder: string, name: string, signal: AbortSignal): Promise<Listed> {
  try {
    const testbed = await findTestbed(stateFolder, name)
    if (testbed === null) return unreadable(name, 'it has no record: `up` was ended before it was written')
    const running = (await (await observerOf(testbed)).observe(signal)).filter((o) => o.running).length
    const specs = testbed.blueprint.specs.length
    return {
      name,
      state: observedPhase(true, specs, running),
      runtime: testbed.record.runtime,
      running,
      specs,
      blocks: Object.values(testbed.record.octets).map((octet) => `127.${octet}`),
      createdAt: testbed.record.createdAt,
      error: null,
    }
  } catch (error) {
    if (!EzoneError.is(error)) throw error
    return unreadable(name, error.message)
  }
}

const unreadable = (name: string, error: string): Listed => ({
  name,
  state: 'unreadable',
  runtime: null,
  running: 0,
  specs: 0,
  blocks: [],
  createdAt: null,
  error,
})
