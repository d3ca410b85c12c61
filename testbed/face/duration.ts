import { EzoneError } from '@ezone/sdk/errors'
import { Flags } from '@oclif/core'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * `500ms`, `60s`, `2m`, `1.5h` -> milliseconds. A number without a unit is refused: whoever writes 60 may mean any of them.
 * @throws EZ_USAGE
 */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  const factor = units[unit ?? '']
  if (number === undefined || factor === undefined)
    throw new EzoneError('EZ_USAGE', `${JSON.stringify(text)} is not a duration`, {
      hint: 'Write a number and a unit: 500ms, 60s, 2m, 1h.',
    })
  return Math.round(Number(number) * factor)
}

/** The other way, in the largest unit that says it without a fraction: 90000 -> `90s`. */
export function durationText(ms: number): string {
  const unit = ['h', 'm', 's'].find((name) => ms > 0 && ms % (units[name] ?? 1) === 0) ?? 'ms'
  return `${ms / (units[unit] ?? 1)}${unit}`
}

/** A flag that takes a duration within limits, all in milliseconds; its value is milliseconds. */
export function durationFlag(options: {
  readonly summary: string
  readonly default: number
  readonly minMs: number
  readonly maxMs: number
}) {
  const { summary, minMs, maxMs } = options
  return Flags.custom<number>({
    summary,
    helpValue: 'TIME',
    default: options.default,
    defaultHelp: async () => durationText(options.default),
    parse: async (text) => {
      const ms = parseDuration(text)
      if (ms >= minMs && ms <= maxMs) return ms
      throw new EzoneError('EZ_USAGE', `${text} is not between ${durationText(minMs)} and ${durationText(maxMs)}`)
    },
  })()
}
