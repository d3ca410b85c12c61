import { EzoneError } from '@ezone/sdk/errors'
import type { SocketAudit } from './audit.ts'
import type { CutAudit } from './audit-cut.ts'
import type { MeasuredPath } from './measure.ts'
import type { Path } from './paths.ts'

/** `bj>sh mysql sh/mysql`, or `bj mysql bj/mysql` within a place. */
export const pathText = ({ from, to, protocol, target }: Path): string =>
  `${from === to ? from : `${from}>${to}`} ${protocol} ${target}`

/**
 * Paths that are as asked pass; so do slow ones, for a busy machine is slow, and the table shows it.
 * @throws EZ_LINK_BYPASSED where one answers sooner than its link allows, EZ_LINK_NOT_AS_ASKED where one does not answer
 */
export function requireAsAsked(paths: readonly MeasuredPath[]): void {
  const bypassed = paths.filter((path) => path.judgement === 'bypassed')
  if (bypassed.length > 0)
    throw new EzoneError(
      'EZ_LINK_BYPASSED',
      `${bypassed.length} paths are faster than their link: ${some(bypassed, (p) => `${pathText(p)} ${p.p50Ms} of ${p.askedRttMs} ms`)}`,
      { hint: 'See `ezone links audit` for the sockets that go beside the link.' },
    )
  const unknown = paths.filter((path) => path.judgement === 'unknown')
  if (unknown.length > 0)
    throw new EzoneError(
      'EZ_LINK_NOT_AS_ASKED',
      `${unknown.length} paths do not answer: ${some(unknown, (p) => `${pathText(p)} (${p.error})`)}`,
    )
}

/** @throws EZ_LINK_BYPASSED, or EZ_AUDIT_UNKNOWN where somebody could not be seen */
export function requireNoBypass({ bypasses, unknown }: SocketAudit): void {
  if (bypasses.length > 0)
    throw new EzoneError(
      'EZ_LINK_BYPASSED',
      `${bypasses.length} connections go beside the link: ${some(bypasses, (b) => `${b.process || 'somebody'} (pid ${b.pid}) of ${b.from} dials ${b.address} of ${b.to}`)}`,
    )
  if (unknown.length > 0)
    throw new EzoneError(
      'EZ_AUDIT_UNKNOWN',
      `${unknown.length} addresses are dialled by a process that this user may not see: ${some(unknown, (u) => `${u.address} of ${u.to}`)}`,
    )
}

interface Dialled {
  readonly from: string
  readonly target: string
  readonly address: { readonly host: string; readonly port: number }
  readonly said: string
}

/** Between containers a direct dial must fail. @throws EZ_LINK_BYPASSED, EZ_AUDIT_UNKNOWN */
export function requireRefused(dials: {
  readonly reached: readonly Dialled[]
  readonly unknown: readonly Dialled[]
}): void {
  const text = ({ from, target, address, said }: Dialled) =>
    `${from} to ${target} at ${address.host}:${address.port} (${said})`
  if (dials.reached.length > 0)
    throw new EzoneError(
      'EZ_LINK_BYPASSED',
      `${dials.reached.length} direct dials were answered: ${some(dials.reached, text)}`,
    )
  if (dials.unknown.length > 0)
    throw new EzoneError(
      'EZ_AUDIT_UNKNOWN',
      `${dials.unknown.length} direct dials prove nothing: ${some(dials.unknown, text)}`,
    )
}

/** @throws EZ_CUT_LEAKS, EZ_FAULT_NOT_REMOVED, or EZ_FAULT_NOT_PROVEN where paths were silent already */
export function requireCutHolds(audit: CutAudit): void {
  const { leaked, deadInZone, unhealed, unanswered } = audit
  if (leaked.length > 0)
    throw new EzoneError('EZ_CUT_LEAKS', `${leaked.length} paths answered although cut: ${some(leaked, pathText)}`)
  if (deadInZone.length > 0)
    throw new EzoneError(
      'EZ_CUT_LEAKS',
      `${deadInZone.length} paths within a place went silent: ${some(deadInZone, pathText)}`,
    )
  if (unhealed.length > 0)
    throw new EzoneError(
      'EZ_FAULT_NOT_REMOVED',
      `${unhealed.length} paths did not come back: ${some(unhealed, pathText)}`,
    )
  if (unanswered.length > 0 || audit.silent === 0)
    throw new EzoneError(
      'EZ_FAULT_NOT_PROVEN',
      `${unanswered.length} paths did not answer before the cut: ${some(unanswered, pathText)}`,
    )
}

const shown = 5

function some<T>(items: readonly T[], text: (item: T) => string): string {
  const rest = items.length - shown
  return items.slice(0, shown).map(text).join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}
