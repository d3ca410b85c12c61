import { addAbortSignal, type Readable } from 'node:stream'
import type Docker from 'dockerode'

/** Long work of the engine reports line by line; its failure comes as a line too, under status 200. */
export function answered(docker: Docker, stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<void> {
  addAbortSignal(signal, stream as Readable)
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}
