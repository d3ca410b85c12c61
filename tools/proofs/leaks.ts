import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cli, killNow, type TestRuntime } from '../../testbed/testing/cli.ts'
import { mustBe, type Proof } from '../proof.ts'

/** Longer than a warm start takes, so that the moments fall into all of it. */
const startMs = 8_000

async function nothingIsLeft(cli: Cli, after: string): Promise<void> {
  const left = await cli.leaks()
  mustBe(left.length === 0, `after ${after} was left: ${left.join(', ')}`)
}

export const proof: Proof = {
  statement:
    'Leak diff (processes, listening sockets, files outside the cache and the state directory, containers, networks) empty ' +
    'after: up/down; up/Ctrl-C at ten random moments; kill -9 agent; kill -9 CLI during up; on both runtimes',
  limitMs: 30 * 60_000,
  async see(context) {
    await context.run('.ci/docker-engine')
    return { process: await seeOn('process'), docker: await seeOn('docker') }
  },
}

async function seeOn(runtime: TestRuntime): Promise<object> {
  await using cli = await Cli.open(runtime)
  const first = await cli.up()
  mustBe(first.error === null, `up failed: ${first.error?.message}`)
  await cli.watch()
  await cli.run('down')
  await nothingIsLeft(cli, 'up and down')
  const interrupted = await interruptions(cli)

  mustBe((await cli.up()).error === null, 'up failed')
  const agent = JSON.parse(await readFile(join(cli.folder(), 'agent.lock'), 'utf8')) as { pid: number }
  killNow(agent.pid)
  await cli.run('down')
  await nothingIsLeft(cli, 'kill -9 of the agent, and down')

  const { child, answer } = cli.startUp()
  await sleep(2_500)
  child.kill('SIGKILL')
  await answer
  await cli.run('down')
  await nothingIsLeft(cli, 'kill -9 of the CLI during up, and down')
  return { interrupted, left: [] }
}

/** Ctrl-C at ten random moments; an `up` that was quicker than its moment ended well and is taken down. */
async function interruptions(cli: Cli): Promise<readonly string[]> {
  const moments: string[] = []
  for (let round = 0; round < 10; round++) {
    const { child, answer } = cli.startUp()
    const afterMs = randomInt(startMs)
    await sleep(afterMs)
    await cli.watch().catch(() => undefined)
    child.kill('SIGINT')
    const { exit } = await answer
    if (exit === 0) await cli.run('down')
    mustBe(exit === 130 || exit === 0, `Ctrl-C after ${afterMs} ms ended with ${exit}`)
    moments.push(`after ${afterMs} ms: exit ${exit}`)
    await nothingIsLeft(cli, `Ctrl-C at ${afterMs} ms`)
  }
  return moments
}
