import { EzoneError } from '@ezone/sdk/errors'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * `500ms`, `60s`, `2m`, `1.5h` -> milliseconds. A number without a unit is refused: whoever writes 60 may mean any of them.
 * @throws EZ_USAGE
 */
export function parseDuration(text: string): number {
  const ms = durationMs(text)
  if (ms !== null) return ms
  throw new EzoneError('EZ_USAGE', `${JSON.stringify(text)} is not a duration`, {
    hint: 'Write a number and a unit: 500ms, 60s, 2m, 1h.',
  })
}

/** Null where the text is no duration. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  const factor = units[unit ?? '']
  return number === undefined || factor === undefined ? null : Math.round(Number(number) * factor)
}

/** The other way, in the largest unit that says it without a fraction: 90000 -> `90s`. */
export function durationText(ms: number): string {
  const unit = ['h', 'm', 's'].find((name) => ms > 0 && ms % (units[name] ?? 1) === 0) ?? 'ms'
  return `${ms / (units[unit] ?? 1)}${unit}`
}
