import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blueprint } from '../topology/blueprint.ts'
import type { Trace } from './facts.ts'

/** Looked through from the end of each log: what is older is not found. */
const bytesMax = 4 * 1024 * 1024

interface Line {
  readonly time?: string
  readonly msg?: string
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly ms?: number
}

/** Lines of the services' logs that carry the trace. */
export async function logTrail({ specs }: Blueprint, folder: string, traceId: string): Promise<readonly Trace[]> {
  const services = specs.filter((spec) => spec.kind === 'service')
  const found = await Promise.all(
    services.map(async ({ id }) => {
      const text = await lastOf(join(folder, 'logs', `${id}.log`))
      const lines = text.split('\n').filter((line) => line.includes(traceId))
      return lines.map((line) => traceOf(id, line))
    }),
  )
  return found.flat()
}

async function lastOf(path: string): Promise<string> {
  const opened = await open(path, 'r').catch(() => null)
  if (opened === null) return ''
  await using file = opened
  const { size } = await file.stat()
  const length = Math.min(size, bytesMax)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
  return buffer.toString('utf8', 0, bytesRead)
}

/** Of a request that it answered: when that began. A hop writes its line at the end, so the first would come last. */
function traceOf(where: string, text: string): Trace {
  const line = parsed(text)
  const { time, msg = text, method, path, status, ms } = line
  if (time === undefined || method === undefined || ms === undefined) return { at: time ?? null, where, text: msg }
  const at = new Date(Date.parse(time) - ms).toISOString()
  return { at, where, text: `${method} ${path} -> ${status}, took ${Math.round(ms)} ms` }
}

function parsed(text: string): Line {
  try {
    return (JSON.parse(text) as Line | null) ?? {}
  } catch {
    return {}
  }
}
