import { EzoneError } from '@ezone/sdk/errors'

export interface Chosen {
  readonly runtime: 'process' | 'docker'
  /** Why, for people: `up` says it. */
  readonly why: string
}

const answerMs = 1_500

/** What `--runtime auto` means here: Docker where an engine answers, else processes. */
export async function chooseRuntime(wanted: 'auto' | 'process' | 'docker', signal: AbortSignal): Promise<Chosen> {
  if (wanted === 'process') return { runtime: 'process', why: 'asked for' }
  const { connectEngine } = await import('../runtimes/docker/engine.ts')
  try {
    await connectEngine(AbortSignal.any([signal, AbortSignal.timeout(answerMs)]))
    return { runtime: 'docker', why: wanted === 'docker' ? 'asked for' : 'a Docker engine answers' }
  } catch (error) {
    signal.throwIfAborted()
    if (wanted === 'docker') throw error
    const reason = EzoneError.is(error, 'EZ_DOCKER_UNREACHABLE') ? 'no Docker engine answers' : (error as Error).message
    return { runtime: 'process', why: reason }
  }
}
