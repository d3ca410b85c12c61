import { Flags } from '@oclif/core'
import type { FaultRequest } from '../chaos/request.ts'
import { parseDuration } from '../surroundings/duration.ts'
import { durationFlag } from './duration.ts'

const time = Flags.custom<number>({ helpValue: 'TIME', parse: async (text) => parseDuration(text) })

/** The flags of a fault, whatever its kind; which kind takes which is said by `ezone chaos list`. */
export const faultFlags = {
  for: durationFlag({ summary: 'How long.', default: 60_000, minMs: 1_000, maxMs: 24 * 3_600_000 }),
  direction: Flags.string({ summary: 'One way alone: FROM:TO.', helpValue: 'FROM:TO' }),
  mode: Flags.string({ summary: 'How a partition cuts.', options: ['drop', 'stall', 'refuse'] }),
  latency: time({ summary: 'Each way takes so much longer.' }),
  jitter: time({ summary: 'More or less by so much.' }),
  rate: Flags.integer({ summary: 'KB a second, per connection and way.', min: 1, helpValue: 'KB' }),
  down: time({ summary: 'A flapping link is cut for so long.' }),
  up: time({ summary: 'A flapping link is open for so long.' }),
  by: Flags.custom<number>({
    summary: 'A skewed clock is ahead by so much; negative: behind.',
    helpValue: 'TIME',
    parse: async (text) => (text.startsWith('-') ? -parseDuration(text.slice(1)) : parseDuration(text)),
  })(),
  'dry-run': Flags.boolean({ summary: 'Say what it would change, and do nothing.' }),
}

export interface FaultFlags {
  readonly for: number
  readonly direction?: string | undefined
  readonly mode?: string | undefined
  readonly latency?: number | undefined
  readonly jitter?: number | undefined
  readonly rate?: number | undefined
  readonly down?: number | undefined
  readonly up?: number | undefined
  readonly by?: number | undefined
}

/** What was typed, as the agent is asked. */
export function requestOf(kind: string, target: string, flags: FaultFlags): FaultRequest {
  const settings = {
    direction: flags.direction,
    mode: flags.mode as FaultRequest['mode'],
    latencyMs: flags.latency,
    jitterMs: flags.jitter,
    kbPerSecond: flags.rate,
    downMs: flags.down,
    upMs: flags.up,
    byMs: flags.by,
  }
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  return { kind, target, forMs: flags.for, ...given }
}
