import type { FaultReport } from '../chaos/fault.ts'
import type { FaultKind } from '../chaos/kind.ts'
import type { BlastRadius } from '../chaos/kinds.ts'
import type { LivePath } from '../chaos/live.ts'
import { durationText } from '../surroundings/duration.ts'
import { table } from './table.ts'

/** A fault in one line: what, where, until when, and how that is known. */
export function chaosText(fault: FaultReport): string {
  const { id, kind, target, direction, state, why } = fault
  const what = `${id}: ${kind} of ${target}${direction === null ? '' : ` from ${direction.replace(':', ' to ')}`}`
  if (state === 'ended') return `${what} ended (${why ?? 'over'}), ${proofText(fault.removal)}`
  if (state === 'ending') return `${what} is ending (${why ?? 'over'}), not shown to be gone yet`
  return `${what} until ${fault.leaseUntil}, ${proofText(fault.effect)}`
}

function proofText({ proven, by, samples, against }: FaultReport['effect']): string {
  if (!proven) return against.length === 0 ? 'not shown' : `contradicted by ${against.join(', ')}`
  if (by === 'reading') return 'read back, not measured'
  if (by === 'paths') return `shown by ${samples} paths`
  return samples === 1 ? 'shown by the kernel and its door' : `shown by ${samples} processes and their doors`
}

export function statusText(faults: readonly FaultReport[]): string {
  if (faults.length === 0) return 'no fault is in force'
  return faults.map(chaosText).join('\n')
}

export function kindsText(kinds: readonly FaultKind[]): string {
  return kinds
    .map(({ name, target, summary, really }) => `${name}  ${target}\n  ${summary}\n${wrapped(really)}`)
    .join('\n\n')
}

export function radiusText({ kind, target, forMs, links, specs, really }: BlastRadius): string {
  const rows = [
    ...links.map(({ link, direction, how, paths }) => [
      link,
      direction === null ? 'both ways' : `${direction.from} to ${direction.to}`,
      how.type,
      paths.length,
    ]),
    ...specs.map(({ spec, how, paths }) => [spec, '', how, paths.length]),
  ]
  const head = `${kind} of ${target} for ${durationText(forMs)} would change:`
  return `${head}\n${table(['what', 'way', 'how', 'paths'], rows)}\n${wrapped(really)}`
}

/** One line per path. */
export function liveText(lines: readonly LivePath[], leftMs: number): string {
  const left = `${Math.max(0, Math.ceil(leftMs / 1_000))} s left; Ctrl-C ends it now`
  return `${table(
    ['from', 'to', 'protocol', 'target', 'asked ms', 'now', 'unanswered'],
    lines.map(({ path, state, ms, asked, unanswered }) => [
      path.from,
      path.to,
      path.protocol,
      path.target,
      path.askedRttMs,
      state === 'answers' && ms !== null ? `${Math.round(ms)} ms` : state,
      `${unanswered} of ${asked}`,
    ]),
  )}\n${left}`
}

const width = 100

function wrapped(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`  ${word}`)
  }
  return lines.join('\n')
}
