import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { tailFile } from '../runtimes/process/tail.ts'
import { paths, type Testbed } from '../session/testbed.ts'
import { childEnv } from '../surroundings/env.ts'
import { fromSource, packageRoot } from '../surroundings/folders.ts'
import { marks } from '../surroundings/processes.ts'
import { ezoneVersion } from '../surroundings/version.ts'
import { AgentClient } from './client.ts'

const startMs = 10_000
const askEveryMs = 25
/** Node takes what a large machine seems to offer: 330 MB after one start, of which 70 are needed. */
const memory = ['--max-old-space-size=256', '--max-semi-space-size=2']

/** The agent of a testbed, started where there is none. @throws EZ_OTHER_VERSION, EZ_NOT_READY */
export async function ensureAgent(testbed: Testbed, signal: AbortSignal): Promise<AgentClient> {
  const client = new AgentClient(testbed.folder)
  const version = await ezoneVersion()
  let hello = await client.hello(signal)
  if (hello === null) {
    await launch(testbed)
    const until = AbortSignal.any([signal, AbortSignal.timeout(startMs)])
    while (hello === null) {
      if (until.aborted) throw signal.aborted ? signal.reason : await notReady(testbed)
      await sleep(askEveryMs)
      hello = await client.hello(until).catch(() => null)
    }
  }
  if (hello.version !== version)
    throw new EzoneError(
      'EZ_OTHER_VERSION',
      `testbed ${testbed.name} is run by ezone ${hello.version}; this is ${version}`,
    )
  return client
}

/** It leads a session of its own, so that neither a closed terminal nor Ctrl-C in it ends the agent. */
async function launch({ folder, record }: Testbed): Promise<void> {
  const log = paths.agentLog(folder)
  await mkdir(dirname(log), { recursive: true, mode: 0o700 })
  await using output = await open(log, 'a', 0o600)
  const main = fromSource ? join(packageRoot, 'testbed/agent/main.ts') : join(packageRoot, 'dist/testbed/agent/main.js')
  const child = spawn(
    process.execPath,
    [...memory, ...(fromSource ? ['--conditions=ezone-source'] : []), main, folder],
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: childEnv({ [marks.testbed]: record.id, [marks.spec]: 'agent', [marks.place]: '' }),
    },
  )
  await once(child, 'spawn')
  child.unref()
}

async function notReady({ name, folder }: Testbed): Promise<EzoneError> {
  const lines = await tailFile(paths.agentLog(folder), 10)
  return new EzoneError('EZ_NOT_READY', `the agent of testbed ${name} did not answer within ${startMs / 1000} s`, {
    cause: new Error(lines.join('\n')),
  })
}
