import { EzoneError } from '@ezone/sdk/errors'

/** Errors of dockerode carry the engine's HTTP status and its JSON answer. */
interface HttpError extends Error {
  readonly code?: string
  readonly statusCode?: number | undefined
  readonly json?: { readonly message?: string }
}

/** What went wrong as one of ours: an answer with an error status, or no answer at all. */
export function refusal(cause: unknown, what: string, where: string): Error {
  if (cause instanceof EzoneError) return cause
  const { statusCode, json, message, code } = cause as HttpError
  // A code of the system without any status: nobody answered.
  if (statusCode === undefined && code !== undefined) {
    return new EzoneError('EZ_DOCKER_UNREACHABLE', `the Docker engine at ${where} could not ${what}: ${message}`, {
      cause,
    })
  }
  const answer: HttpError = Object.assign(new Error(json?.message ?? message), { statusCode })
  return new EzoneError('EZ_DOCKER_REFUSED', `the Docker engine refused to ${what}: ${answer.message}`, {
    cause: answer,
  })
}

/** HTTP status of the engine's answer below an error; null where it never answered. */
export function statusOf(error: unknown): number | null {
  if (!EzoneError.is(error, 'EZ_DOCKER_REFUSED')) return null
  return (error.cause as HttpError).statusCode ?? null
}
