import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tailFile } from '../runtimes/process/tail.ts'
import { folders } from '../surroundings/folders.ts'
import { observerOf } from './observer.ts'
import { targetsOf } from './status.ts'
import { openTestbed, paths, type Testbed } from './testbed.ts'

export interface LogLine {
  /** `bj/mysql`, or `agent`. */
  readonly source: string
  readonly text: string
}

export interface Logs {
  tail(lines: number): Promise<readonly LogLine[]>
  /** New lines as they come, until the signal ends it. */
  follow(signal: AbortSignal): AsyncIterable<LogLine>
}

const lookEveryMs = 200
const chunkBytes = 64 * 1024

export async function openLogs(name: string, target: string | undefined): Promise<Logs> {
  const testbed = await openTestbed(folders().state, name)
  const runtime = await observerOf(testbed)
  const sources =
    target === undefined
      ? testbed.blueprint.specs.map((s) => s.id)
      : target === 'agent'
        ? ['agent']
        : targetsOf(testbed, target)
  const last = (source: string, lines: number) =>
    source === 'agent' ? tailFile(paths.agentLog(testbed.folder), lines) : runtime.tail(source, lines)
  return {
    async tail(lines) {
      const all = await Promise.all(
        sources.map(async (source) => (await last(source, lines)).map((text) => ({ source, text }))),
      )
      return all.flat()
    },
    follow: (signal) => follow(testbed, sources, signal),
  }
}

async function* follow(testbed: Testbed, sources: readonly string[], signal: AbortSignal): AsyncIterable<LogLine> {
  const files = await Promise.all(
    sources.map(async (source) => {
      const path = source === 'agent' ? paths.agentLog(testbed.folder) : join(testbed.folder, 'logs', `${source}.log`)
      return { source, path, at: await sizeOf(path), rest: Buffer.alloc(0) }
    }),
  )
  while (!signal.aborted) {
    for (const file of files) {
      const size = await sizeOf(file.path)
      // A shorter file was cut to keep its limit: begin again.
      if (size < file.at) file.at = 0
      while (file.at < size) {
        const read = await readAt(file.path, file.at)
        // Emptied between the two looks, to keep its limit.
        if (read.length === 0) break
        const chunk = Buffer.concat([file.rest, read])
        file.at += chunk.length - file.rest.length
        // Cut at the last newline, so that no character and no line is told in halves.
        const end = chunk.lastIndexOf(10) + 1
        file.rest = chunk.subarray(end)
        const whole = chunk.toString('utf8', 0, end)
        for (const line of whole.split('\n').slice(0, -1)) yield { source: file.source, text: line }
      }
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

const sizeOf = (path: string) =>
  stat(path).then(
    (s) => s.size,
    () => 0,
  )

async function readAt(path: string, at: number): Promise<Buffer> {
  const opened = await open(path, 'r').catch(() => null)
  if (opened === null) return Buffer.alloc(0)
  await using file = opened
  const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at)
  return buffer.subarray(0, bytesRead)
}
