import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { KeptAside, ServiceContext } from '@ezone/sdk'
import type { KeepAside } from '@ezone/sdk/dal'

export interface KeepAsideOptions extends Pick<ServiceContext, 'config' | 'clock' | 'log'> {
  /** Under which the server learned that another one is the master. */
  readonly epoch: number
}

/**
 * Writes what a server is about to lose into a file of its own, one JSON a line: first the transactions, then each row.
 * A crash in the middle leaves a file that is too short; the next try writes another one.
 */
export async function keepAside(
  { config, clock, log, epoch }: KeepAsideOptions,
  gtids: string,
  rows: Parameters<KeepAside>[1],
): Promise<KeptAside> {
  const atMs = clock.nowMs()
  const file = join(config.stateDir, `kept-aside-${epoch}-${Math.floor(atMs)}.ndjson`)
  await mkdir(config.stateDir, { recursive: true })
  let count = 0
  async function* lines(): AsyncIterable<string> {
    yield `${JSON.stringify({ gtids, epoch, atMs })}\n`
    for await (const { table, row } of rows) {
      count++
      yield `${JSON.stringify({ table, row })}\n`
    }
  }
  // Personal data may be in it.
  await pipeline(lines(), createWriteStream(file, { mode: 0o600, flush: true }))
  log.warn({ gtids, rows: count, file, epoch }, 'this server had what the master never saw: it is put aside')
  return { gtids, rows: count, file, atMs }
}
