import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { serviceConfig } from '../session/service-launch.ts'
import type { Testbed } from '../session/testbed.ts'
import { childEnv } from '../surroundings/env.ts'
import { endProcesses, markedProcesses, marks, stillThere } from '../surroundings/processes.ts'
import type { Ending } from './events.ts'
import { eachLine } from './lines.ts'
import { devFolder } from './slots.ts'
import { type Standing, specOf } from './spec.ts'

const linesKept = 20
const graceMs = 3_000

export interface InstanceOptions {
  readonly testbed: Testbed
  readonly standing: Standing
  readonly address: Address
  readonly onLine: (line: string) => void
}

/**
 * One program of a service in development. It leads a process group of its own, so that Ctrl-C on the terminal is ours to
 * hear; and it carries the testbed's mark, so that `ezone down` finds it whoever has died.
 */
export class Instance implements AsyncDisposable {
  readonly address: Address
  readonly pid: number
  readonly ended: Promise<Ending>
  readonly #lines: string[]
  readonly #end: () => Promise<void>
  #ending = false

  private constructor(
    { pid, address, lines }: { readonly pid: number; readonly address: Address; readonly lines: string[] },
    ended: Promise<Ending>,
    end: () => Promise<void>,
  ) {
    this.pid = pid
    this.address = address
    this.ended = ended
    this.#lines = lines
    this.#end = end
  }

  /** Starts it and waits for nothing. @throws EZ_SERVER_DIED where there is no such program, EZ_NO_TESTBED */
  static async start({ testbed, standing, address, onLine }: InstanceOptions): Promise<Instance> {
    const { project } = standing
    // A testbed that was just taken down is not made again by what is left of it.
    await access(join(testbed.folder, 'id')).catch((cause) => {
      throw new EzoneError('EZ_NO_TESTBED', `there is no testbed ${testbed.name} any more`, { cause })
    })
    const spec = specOf(standing, address)
    const stateDir = join(devFolder(testbed.folder), project.name, `${spec.place}.${spec.instance}`)
    const config = serviceConfig(
      spec,
      { bind: () => address, dataDir: stateDir },
      testbed.blueprint,
      testbed.credentials,
    )
    await mkdir(stateDir, { recursive: true, mode: 0o700 })
    const file = join(stateDir, 'config.json')
    await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })

    const [program = '', ...args] = project.run
    const own = { [marks.testbed]: testbed.record.id, [marks.spec]: spec.id, [marks.place]: spec.place }
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: project.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnv({ ...own, EZONE_SERVICE_CONFIG: file }),
    })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      eachLine(stream, (line) => {
        lines.splice(0, Math.max(lines.length - linesKept + 1, 0))
        lines.push(line)
        onLine(line)
      })
    await spawned(child, program)
    // `close`, not `exit`: its last lines are there by then.
    const ended = once(child, 'close').then(([exit, signal]): Ending => ({ exit, signal }))
    return new Instance({ pid: child.pid ?? 0, address, lines }, ended, async () => {
      await endOf(testbed.record.id, (mark) => mark === spec.id)
      await rm(stateDir, { recursive: true, force: true })
    })
  }

  get lastLines(): readonly string[] {
    return this.#lines
  }

  /** Whether it was asked to end. */
  get ending(): boolean {
    return this.#ending
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    await this.#end()
  }
}

/** Ends the processes of a testbed with such marks, and whatever they have started. @throws EZ_NOT_REMOVED */
export async function endOf(testbed: string, wanted: (mark: string) => boolean): Promise<number> {
  const found = (await markedProcesses(testbed)).filter(({ spec }) => wanted(spec))
  const left = await endProcesses(found, { graceMs })
  if (left.length > 0) throw stillThere(left)
  return found.length
}

async function spawned(child: ChildProcess, program: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new EzoneError('EZ_SERVER_DIED', `${program} could not be started: ${(cause as Error).message}`, {
      cause,
      hint: `Is ${program} installed and on the PATH? \`run\` in ezone.service.json names it.`,
    })
  }
}
