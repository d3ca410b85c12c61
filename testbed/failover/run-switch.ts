import { setTimeout as sleep } from 'node:timers/promises'
import type { SwitchMode } from '@ezone/sdk/model'
import { findGzs } from '../gzs/find-gzs.ts'
import { type GlobalOfSwitch, globalOfSwitch } from '../gzs/global-of-switch.ts'
import { userText } from '../gzs/user.ts'
import { openTestbed, type Testbed } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { type FollowOptions, followSwitch } from './follow-switch.ts'
import { type LookOptions, lookAround } from './look.ts'
import { redOf, requireGreen } from './preflight.ts'
import { routerCounts } from './router-counts.ts'
import type { SwitchResult } from './switch-result.ts'
import { servedBy, targetOf } from './zones.ts'

const looksMax = 5
const betweenLooksMs = 1_000

export interface RunSwitchOptions extends Pick<FollowOptions, 'signal' | 'onStep' | 'onBegun'> {
  /** Of the testbed. */
  readonly name: string
  readonly from: string
  /** Where there are two zones, the other one by default. */
  readonly to?: string
  readonly mode: SwitchMode
  /** All that `from` serves by default. */
  readonly shards?: readonly number[]
  readonly canary?: boolean
  readonly why: string
  /** Planned: what is looked at before. `none` begins at once; `rows` also compares the zones row by row. */
  readonly preflight?: 'none' | 'short' | 'rows'
  readonly allowLocked?: boolean
}

/** `data` of `failover` and `failback`: a contract, fields are only ever added. */
export interface Switched extends SwitchResult {
  /** Requests that the routers answered with an error for the sake of it, as they count them; null where one is away. */
  readonly clientErrors: number | null
  /** The longest that a router held a request, of the last minute. */
  readonly longestHoldMs: number | null
  /** The global master's own move, where it sat in a zone that was left with all its shards; else null. */
  readonly global: GlobalOfSwitch | null
}

/**
 * Moves shards of a zone to another one and follows that to its end. Whoever ends the caller stops nothing.
 * @throws what keeps it from beginning: EZ_SWITCH_REFUSED, EZ_SWITCH_RUNNING, EZ_NOT_SETTLED, EZ_ZONE_UNREACHABLE …;
 * EZ_INTERRUPTED. A switch that stopped half way is a result: `outcome`
 */
export async function runSwitch(options: RunSwitchOptions): Promise<Switched> {
  const { name, from, mode, shards = [], canary = false, why, signal, onStep, onBegun } = options
  const testbed = await openTestbed(folders().state, name)
  const to = targetOf(testbed.blueprint, from, options.to)
  const gzs = await findGzs(name)
  const preflight = options.preflight ?? 'short'
  if (mode === 'planned' && preflight !== 'none') {
    const wanted = shards.length > 0 ? shards : servedBy(await gzs.table(signal), from)
    const look = { from, to, shards: wanted, compare: preflight === 'rows', signal }
    requireGreen(await redSoon(testbed, look, options.allowLocked === true), `the switch of ${from} to ${to}`)
  }
  const before = await routerCounts(name, signal)
  const request = { from, to, mode, shards: [...shards], canary, who: userText(), why }
  const follow = { gzs, request, signal, ...(onStep && { onStep }), ...(onBegun && { onBegun }) }
  const result = await followSwitch(follow)
  const { id } = result
  const whole = shards.length === 0 && result.outcome === 'switched'
  const global = whole ? await globalOfSwitch({ ...request, gzs, id, signal }) : null
  const after = await routerCounts(name, signal)
  return {
    ...result,
    clientErrors: before === null || after === null ? null : after.failed - before.failed,
    longestHoldMs: after?.longestHoldMs ?? null,
    global,
  }
}

/** What is red. The replication alone, which may only be behind for a moment, is given some. */
async function redSoon(testbed: Testbed, look: LookOptions, allowLocked: boolean): Promise<readonly string[]> {
  for (let left = looksMax; ; left--) {
    const findings = await lookAround(testbed, look)
    const locked = allowLocked && findings.locked !== null ? [] : findings.locked
    const red = redOf({ ...findings, locked })
    const calm = redOf({ ...findings, locked, lanes: [] })
    if (red.length === 0 || calm.length > 0 || left <= 1) return red
    await sleep(betweenLooksMs, undefined, { signal: look.signal })
  }
}
