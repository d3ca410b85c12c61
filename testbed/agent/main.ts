import { flushCompileCache } from 'node:module'
import { basename, dirname } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import { findTestbed, paths } from '../session/testbed.ts'
import { folders } from '../surroundings/folders.ts'
import { waitLock } from '../surroundings/lock.ts'
import { ezoneVersion } from '../surroundings/version.ts'
import { Agent, isVerb } from './agent.ts'
import { Journal } from './journal.ts'
import { queriesOf } from './queries.ts'
import { serve } from './server.ts'
import { socketOf } from './socket.ts'
import { reset, restart, stop, up } from './verbs.ts'

const leavingMs = 3_000

/** The agent's program: `main.js FOLDER`, started by the CLI, one per testbed. */
async function main(folder: string): Promise<void> {
  // An agent that is leaving (after `stop`) still holds the lock for a moment. One that stays is there already: whoever
  // wanted one will find it.
  await using lock = await waitLock(paths.agentLock(folder), AbortSignal.timeout(leavingMs)).catch(() => null)
  if (lock === null) return

  const stateFolder = dirname(dirname(folder))
  const testbed = await findTestbed(stateFolder, basename(folder))
  if (testbed === null) return
  const journal = new Journal(paths.events(folder), systemClock)
  await using agent = await Agent.open({
    testbed,
    stateFolder,
    cacheFolder: folders().cache,
    version: await ezoneVersion(),
    journal,
    clock: systemClock,
  })
  const run = async (verb: string, body: unknown): Promise<unknown> => {
    if (!isVerb(verb)) throw new EzoneError('EZ_OTHER_VERSION', `this agent does not know the verb ${verb}`)
    if (verb === 'stop') return stop(agent)
    if (verb === 'reset') return reset(agent)
    if (verb === 'restart') return restart(agent, (body as { targets: readonly string[] }).targets)
    return up(agent)
  }
  const server = await serve(socketOf(folder), { queries: queriesOf(agent), run }, journal)
  // `down` ends the agent first and everything else after it; a verb at work shall tell its caller why it ended.
  process.on('SIGTERM', () => {
    agent.cancel(new EzoneError('EZ_CANCELLED', 'the testbed was taken down meanwhile'))
    agent.leave()
  })
  // A terminal that closes is no reason to let go of a testbed.
  for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined)

  // Served first: ending an old fault may take its time, and whoever waits for the agent shall not think it dead.
  await agent.resumeFaults()
  flushCompileCache()
  await agent.done
  server.closeIdleConnections()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    setTimeout(resolve, 1_000).unref()
  })
}

const folder = process.argv[2]
if (folder === undefined) throw new TypeError('usage: main FOLDER')
await main(folder)
process.exit(0)
