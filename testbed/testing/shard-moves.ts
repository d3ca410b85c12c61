import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { EzoneError, type MoveRequest, type ShardEntry, type ShardMove } from '@ezone/sdk/model'
import { GzsClient } from '../gzs/gzs-client.ts'
import { packageRoot } from '../surroundings/folders.ts'
import type { PlatformGround } from './platform-ground.ts'
import { programReady, type RunningProgram, runProgram } from './running-program.ts'

/** What moves shards of a platform, for tests; asks the GZS of these places, in this order. */
export class ShardMoves {
  readonly gzs: GzsClient
  readonly signal = AbortSignal.timeout(600_000)

  constructor(platform: PlatformGround, ...places: readonly string[]) {
    this.gzs = new GzsClient(places.map((place) => platform.addressOf(place, 'gzs')))
  }

  async shard(number: number): Promise<ShardEntry> {
    const entry = (await this.gzs.table(this.signal)).shards.find((s) => s.shard === number)
    if (entry === undefined) throw new TypeError(`there is no shard ${number}`)
    return entry
  }

  begin(request: Pick<MoveRequest, 'shard' | 'to'> & Partial<MoveRequest>) {
    return this.gzs.beginMove({ mode: 'planned', who: 'a test', why: 'a test', ...request }, this.signal)
  }

  async state(shard: number): Promise<ShardMove> {
    const move = await this.gzs.move(shard, this.signal)
    if (move === null) throw new TypeError(`shard ${shard} was never moved`)
    return move
  }

  /** The shard's last move when it has ended. @param before id of the one before it: a GZS may not know of the new one yet */
  async end(shard: number, ms = 30_000, before?: string): Promise<ShardMove> {
    const end = AbortSignal.timeout(ms)
    for (;;) {
      const move = await this.state(shard).catch((error: unknown) => {
        // A GZS that has just started serves its table before it has read the moves.
        if (!EzoneError.is(error, 'EZ_NO_MAJORITY') || end.aborted) throw error
      })
      if (move !== undefined && move.outcome !== null && move.id !== before) return move
      if (end.aborted) throw new Error(`the move has not ended within ${ms} ms: ${JSON.stringify(move)}`)
      await sleep(20)
    }
  }
}

/**
 * In the place of replication: tells each zone, every few milliseconds, that it has all of the others, as far as the
 * others are; and carries nothing. Disposing ends it.
 */
export function pretendReplication(platform: PlatformGround): AsyncDisposable {
  const end = new AbortController()
  const pairs = platform.zones.flatMap((from) => platform.zones.filter((to) => to !== from).map((to) => ({ from, to })))
  const carry = async ({ from, to }: { from: string; to: string }) => {
    while (!end.signal.aborted) {
      await pretendArrived(platform, from, to).catch(() => undefined)
      await sleep(30, undefined, { signal: end.signal }).catch(() => undefined)
    }
  }
  const running = Promise.all(pairs.map(carry))
  return {
    async [Symbol.asyncDispose]() {
      end.abort()
      await running
    },
  }
}

/** Writes into a zone that all the other has written so far has arrived. */
export async function pretendArrived(platform: PlatformGround, from: string, to: string): Promise<void> {
  const [server] = await platform.query(from, 'SELECT @@server_uuid AS uuid, @@GLOBAL.gtid_executed AS gtids')
  const gno = Math.max(0, ...[...String(server?.gtids).matchAll(/[-:](\d+)(?=[,:]|$)/g)].map((m) => Number(m[1])))
  const values = `'${from}', '${server?.uuid}', ${gno}, 0`
  await platform.query(to, `REPLACE INTO ezone_drc.position (source, uuid, gno, applied_at_ms) VALUES (${values})`)
}

/** A GZS in the place of the platform's own that kills itself with -9 right before or after it records a step. */
export async function startDyingGzs(
  platform: PlatformGround,
  place: string,
  { when, step }: { readonly when: 'before' | 'after'; readonly step: string },
): Promise<RunningProgram> {
  const config = await platform.config(place, 'gzs')
  const url = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'src', path)).href)
  const entry = join(config.stateDir, 'dying.mjs')
  const configFile = join(config.stateDir, 'dying.json')
  await mkdir(config.stateDir, { recursive: true })
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 })
  await writeFile(
    entry,
    `import { runService } from ${url('sdk/index.ts')}
import { startGzs } from ${url('gzs/gzs.ts')}
const dies = (when, step) => when === ${JSON.stringify(when)} && step === ${JSON.stringify(step)}
const onStep = (when, step) => { if (dies(when, step)) process.kill(process.pid, 'SIGKILL') }
await runService((context) => startGzs(context, { onStep }))
`,
  )
  const program = runProgram({ entry, configFile, address: config.listen, env: {} })
  await programReady(program)
  return program
}
