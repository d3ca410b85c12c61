import { EzoneError } from '@ezone/sdk/errors'
import type { Paint } from './paint.ts'

/** What oclif's parser throws: a usage error with an exit code and no code of ours. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number }
  readonly parse?: unknown
}

/** Every error that ends a command becomes one of the catalogue; what nobody foresaw is EZ_BUG, never a guess. */
export function asEzoneError(error: unknown): EzoneError {
  if (EzoneError.is(error)) return error.message.startsWith('Parsing --') ? usageError(error, error.hint) : error
  if (!(error instanceof Error)) return new EzoneError('EZ_BUG', String(error))
  const { oclif, parse } = error as OclifError
  if (parse !== undefined || oclif?.exit === 2) return usageError(error)
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EzoneError('EZ_NO_DISK', `the disk is full: ${error.message}`, { cause: error })
  if (error.name === 'AbortError' && EzoneError.is(error.cause)) return error.cause
  return new EzoneError('EZ_BUG', `${error.name}: ${error.message}`, { cause: error })
}

/**
 * oclif frames the sentence with a heading, a list of flags and "See more help", and breaks it after a colon; the
 * sentence is what we want.
 */
function usageError(error: Error, hint?: string): EzoneError {
  const lines = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('See more help') && !/^The following errors? occurred/.test(line))
  const [first = 'the command line cannot be read', ...rest] = lines
  const flag = /^Parsing (--\S+)$/.exec(first)?.[1]
  const broken = flag !== undefined || first.endsWith(':')
  const sentence = broken
    ? `${flag === undefined ? first : `${flag}:`} ${rest[0]?.replace(/\s{2,}/g, ': ') ?? ''}`
    : first
  const more = broken ? rest.slice(1) : rest
  return new EzoneError('EZ_USAGE', sentence.trim(), {
    ...(more.length > 0 && { cause: new Error(more.join('; ')) }),
    ...(hint !== undefined && { hint }),
  })
}

/** An error as a person reads it: what happened, why, what to do next, and the code to look up. */
export function failureText(error: ReturnType<EzoneError['toJSON']>, paint: Paint): string {
  const { message, cause, hint, code, docs } = error
  return [
    `${paint.red('error')} ${message}`,
    ...(cause === null ? [] : [`  why   ${cause}`]),
    `  next  ${hint}`,
    paint.dim(`  code  ${code} (${docs})`),
  ].join('\n')
}
