import { EzoneError } from '@ezone/sdk/errors'
import type { Direction } from './wanted.ts'

/** `bj:sh` -> from bj to sh. Whether the link has such a direction is for its keeper to say. @throws EZ_USAGE */
export function parseDirection(text: string): Direction {
  const [, from, to] = /^([a-z][a-z0-9]*):([a-z][a-z0-9]*)$/.exec(text) ?? []
  if (from !== undefined && to !== undefined) return { from, to }
  throw new EzoneError('EZ_USAGE', `${JSON.stringify(text)} is not a direction`, {
    hint: 'Write FROM:TO, such as bj:sh.',
  })
}
