import { EzoneError } from '@ezone/sdk/errors'

/** What oclif's parser throws: a usage error with an exit code and no code of ours. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number }
  readonly parse?: unknown
}

/** Every error that ends a command becomes one of the catalogue; what nobody foresaw is EZ_BUG, never a guess. */
export function asEzoneError(error: unknown): EzoneError {
  if (EzoneError.is(error)) return error
  if (!(error instanceof Error)) return new EzoneError('EZ_BUG', String(error))
  const { oclif, parse } = error as OclifError
  if (parse !== undefined || oclif?.exit === 2) return usageError(error)
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EzoneError('EZ_NO_DISK', `the disk is full: ${error.message}`, { cause: error })
  if (error.name === 'AbortError' && EzoneError.is(error.cause)) return error.cause
  return new EzoneError('EZ_BUG', `${error.name}: ${error.message}`, { cause: error })
}

/** oclif frames the sentence with a heading, a list of flags and "See more help"; the sentence is what we want. */
function usageError(error: Error): EzoneError {
  const [sentence = 'the command line cannot be read', ...more] = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('See more help') && !/^The following errors? occurred/.test(line))
  return new EzoneError('EZ_USAGE', sentence, { ...(more.length > 0 && { cause: new Error(more.join('; ')) }) })
}

export interface Paint {
  readonly red: (text: string) => string
  readonly dim: (text: string) => string
}

/** An error as a person reads it: what happened, why, what to do next, and the code to look up. */
export function failureText(error: EzoneError, paint: Paint): string {
  const { message, cause, hint, code, docs } = error.toJSON()
  return [
    `${paint.red('error')} ${message}`,
    ...(cause === null ? [] : [`  why   ${cause}`]),
    `  next  ${hint}`,
    paint.dim(`  code  ${code} (${docs})`),
    ...(code === 'EZ_BUG' && error.cause instanceof Error ? [paint.dim(error.cause.stack ?? '')] : []),
  ].join('\n')
}
