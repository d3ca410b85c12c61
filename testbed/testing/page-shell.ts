import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { which } from '../servers/run.ts'
import { folders, packageRoot } from '../surroundings/folders.ts'

export interface Typed {
  readonly exit: number
  /** stdout and stderr, as they came. */
  readonly output: string
}

/**
 * A shell as the reader of a page has one: `ezone` on PATH and as `./ezone`, a folder of its own, and what is set in one
 * line is still set in the next. Servers come from the ordinary cache. Disposed, it takes its testbeds down.
 */
export class PageShell implements AsyncDisposable {
  readonly folder: string
  readonly #bash: ChildProcess
  readonly #ends: AsyncIterator<string>
  #output = ''
  #typed = 0

  private constructor(folder: string, bash: ChildProcess, ends: Interface) {
    this.folder = folder
    this.#bash = bash
    this.#ends = ends[Symbol.asyncIterator]()
    for (const stream of [bash.stdout, bash.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
  }

  static async open(): Promise<PageShell> {
    const folder = await mkdtemp(join(tmpdir(), 'ezp-'))
    for (const name of ['bin', 'home', 'here']) await mkdir(join(folder, name))
    await program(join(folder, 'bin', 'ezone'), `exec ${process.execPath} ${join(packageRoot, 'bin', 'run.js')} "$@"`)
    for (const [name, text] of Object.entries(standIns))
      if ((await which(name)) === null) await program(join(folder, 'bin', name), text)
    const here = join(folder, 'here')
    await symlink(join(folder, 'bin', 'ezone'), join(here, 'ezone'))
    await symlink(join(packageRoot, 'examples'), join(here, 'examples'))
    const path = [join(folder, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter)
    const env = {
      ...process.env,
      PATH: path,
      HOME: join(folder, 'home'),
      EZONE_STATE_DIR: join(folder, 'state'),
      EZONE_CACHE_DIR: folders().cache,
      // Also where an engine runs, these testbeds are processes.
      DOCKER_HOST: 'unix:///nowhere.sock',
      NO_COLOR: '1',
      CI: '1',
    }
    const stdio = ['pipe', 'pipe', 'pipe', 'pipe'] as const
    const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: here, env, stdio: [...stdio], detached: true })
    await once(bash, 'spawn')
    return new PageShell(folder, bash, createInterface({ input: bash.stdio[3] as Readable }))
  }

  /** Types a line, or several that belong together, and waits for the prompt. */
  async type(text: string): Promise<Typed> {
    this.#output = ''
    const file = join(this.folder, `typed-${++this.#typed}.sh`)
    await writeFile(file, `${text}\n`)
    this.#bash.stdin?.write(`source ${file} </dev/null\necho "$?" >&3\n`)
    const end = await this.#ends.next()
    if (end.done) throw new Error(`the shell ended: ${this.#output}`)
    // What was printed comes by another pipe than its end.
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { exit: Number(end.value), output: this.#output }
  }

  /** A file that a page has its reader write. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, 'here', name), text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exit, output } = await this.type('ezone down --all')
    this.#bash.stdin?.end()
    if (this.#bash.exitCode === null) await once(this.#bash, 'close')
    if (exit !== 0) throw new Error(`down failed: ${output}`)
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function program(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
}

const inNode = (script: string) => `exec ${process.execPath} --input-type=module -e '${script}' -- "$@"`

/** For machines that lack them: as much of these clients as the pages use. The servers they ask are the real ones. */
const standIns: Readonly<Record<string, string>> = {
  jq: inNode(`
    import { text } from "node:stream/consumers"
    const path = process.argv.at(-1).split(".").slice(1)
    const step = (found, name) =>
      found.flatMap((one) => (name.endsWith("[]") ? one[name.slice(0, -2)] : [one[name]]))
    for (const one of path.reduce(step, [JSON.parse(await text(process.stdin))]))
      console.log(typeof one === "string" ? one : JSON.stringify(one, null, 2))`),
  mysql: inNode(`
    import { createRequire } from "node:module"
    const { createConnection } = createRequire("${packageRoot}/package.json")("mysql2/promise")
    const [, host, , port, , user, password, , sql] = process.argv.slice(1)
    const given = { host, port: Number(port), user, password: password.slice(2), multipleStatements: true }
    const connection = await createConnection(given)
    await connection.query(sql)
    await connection.end()`),
}
