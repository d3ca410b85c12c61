import { EzoneError } from '@ezone/sdk/errors'
import type { ServerHome } from '../servers/home.ts'
import { inventory, onPath } from '../servers/inventory.ts'
import { describeEvent, provide } from '../servers/provide.ts'
import type { Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { marks } from '../surroundings/processes.ts'
import { k6Hop } from './meter.ts'
import type { EngineName } from './names.ts'

/** Who sends: k6, from a process of its own, or this process. */
export type Engine = { readonly name: 'builtin' } | { readonly name: 'k6'; readonly home: ServerHome }

export interface ChooseOptions {
  readonly wanted: EngineName
  readonly testbed: Testbed
  readonly signal: AbortSignal
  /** Told what is fetched, or why it is not k6. */
  readonly tell: (text: string) => void
}

/**
 * `auto` is k6 where this machine has it, else the built-in engine; who asks for k6 has it fetched.
 * @throws EZ_SERVER_UNAVAILABLE where k6 is asked for and cannot be had
 */
export async function chooseEngine({ wanted, testbed, signal, tell }: ChooseOptions): Promise<Engine> {
  if (wanted === 'builtin') return { name: 'builtin' }
  if (wanted === 'auto' && !(await isAtHand(signal))) {
    tell('k6 is not here, so the built-in engine sends; `ezone servers fetch k6` fetches it')
    return { name: 'builtin' }
  }
  const { sources } = testbed.record.topology
  try {
    const homes = await provide(['k6'], {
      cacheDir: folders().cache,
      ...(sources && { sources }),
      marker: { [marks.testbed]: testbed.record.id, [marks.spec]: 'fetch' },
      signal,
      report: (event) => event.type !== 'cached' && tell(describeEvent(event)),
    })
    const home = homes.get('k6')
    if (home === undefined) throw new TypeError('k6 was provided and is not there')
    return { name: 'k6', home }
  } catch (error) {
    if (!EzoneError.is(error, 'EZ_SERVER_UNAVAILABLE')) throw error
    throw new EzoneError(error.code, error.message, {
      cause: error.cause,
      hint: '`ezone stress --engine builtin` needs no k6; `ezone servers fetch k6` tries to fetch it again.',
    })
  }
}

async function isAtHand(signal: AbortSignal): Promise<boolean> {
  const cached = await inventory({ cacheDir: folders().cache, verify: false, signal })
  if (cached.some(({ kind, state }) => kind === k6Hop && state === 'ready')) return true
  return (await onPath([k6Hop], signal)).length > 0
}
