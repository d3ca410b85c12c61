import { EzoneError } from '@ezone/sdk/errors'
import { Flags } from '@oclif/core'
import { durationText, parseDuration } from '../surroundings/duration.ts'

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
