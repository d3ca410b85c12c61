import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import type { FaultReport } from '../chaos/fault.ts'
import type { SocketAudit } from '../links/audit.ts'
import type { CutAudit } from '../links/audit-cut.ts'
import type { MeasuredPath } from '../links/measure.ts'
import type { Direction } from '../links/wanted.ts'
import type { DirectDial } from '../runtimes/docker/direct-dial.ts'
import type { AgentApi } from './server.ts'

export interface DirectDials {
  readonly refused: number
  readonly reached: readonly DirectDial[]
  /** The dialler reached not even its own place, so its refusals prove nothing. */
  readonly unknown: readonly DirectDial[]
}

export const directDialsOf = (dials: readonly DirectDial[]): DirectDials => ({
  refused: dials.filter((dial) => dial.result === 'refused').length,
  reached: dials.filter((dial) => dial.result === 'reached'),
  unknown: dials.filter((dial) => dial.result === 'unknown'),
})

/** `data` of `ezone links audit`. */
export interface LinkAudit extends SocketAudit {
  /** Dials from place to place between containers; null on a runtime that has none. */
  readonly directDials: DirectDials | null
  /** null where no cut was asked for. */
  readonly cut: CutAudit | null
}

export interface CutRequest {
  readonly link: string
  /** null: both ways. */
  readonly direction: Direction | null
  readonly forMs: number
}

/** What can be asked about links. */
export interface LinkAnswers {
  measure(signal: AbortSignal): Promise<readonly MeasuredPath[]>
  audit(options: { readonly cut: boolean; readonly force: boolean }, signal: AbortSignal): Promise<LinkAudit>
  cut(request: CutRequest, signal: AbortSignal): Promise<FaultReport>
  join(link: string): Promise<readonly FaultReport[]>
  faults(): readonly FaultReport[]
}

const auditBody = z.strictObject({ cut: z.boolean(), force: z.boolean() })
const linkBody = z.strictObject({ link: z.string() })
const cutBody = z.strictObject({
  link: z.string(),
  direction: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
  forMs: z
    .int()
    .min(1_000)
    .max(24 * 3_600_000),
})

/** What the agent answers about links. */
export function linkQueries(links: LinkAnswers): AgentApi['queries'] {
  return {
    'POST /links/measure': async (_, signal) => ({ paths: await links.measure(signal) }),
    'POST /links/audit': async (body, signal) => links.audit(read(auditBody, body), signal),
    'POST /links/cut': async (body, signal) => ({ faults: [await links.cut(read(cutBody, body), signal)] }),
    'POST /links/join': async (body) => ({ faults: await links.join(read(linkBody, body).link) }),
    'GET /links/faults': async () => ({ faults: links.faults() }),
  }
}

/** The agent and whoever asks may be of different versions: what does not fit is told, not guessed. */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new EzoneError('EZ_USAGE', `the agent cannot read the question: ${z.prettifyError(parsed.error)}`)
}
