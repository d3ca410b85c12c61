import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '@ezone/sdk/model'
import { mustBe, type Proof, type ProofContext } from '../proof.ts'

/** uid and gid of `nobody`: a user who owns nothing here. */
const ordinary = 65_534

/** Nothing of this checkout or of the caller's home helps: a clone, an empty home, an empty cache, the system's PATH. */
export const proof: Proof = {
  statement: 'From a clean clone: `./ezone up` alone ends ready, with no Docker, as an ordinary user and as root',
  limitMs: 15 * 60_000,
  async see(context) {
    const asRoot = process.getuid?.() === 0
    const self = await firstUp(context, null)
    if (!asRoot) return { ordinaryUser: self, root: 'not shown: this run is not root' }
    return { root: self, ordinaryUser: await firstUp(context, ordinary) }
  },
}

/** Where the machine's package clients are, without what npm puts in front. */
const systemPath = () =>
  (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':')

/** @param uid the user to become; null for who runs this */
async function firstUp({ root, run, signal }: ProofContext, uid: number | null): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'ezone-first-'))
  const clone = join(home, 'ezone')
  const become = uid === null ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const PATH = systemPath()
  const name = `first-${uid ?? 'self'}`
  const ezone = (...args: readonly string[]) => {
    const [program = '', ...rest] = [...become, join(clone, 'ezone'), ...args, '--name', name, '--json']
    // Also where an engine runs, this machine has none for it.
    const env = { PATH, HOME: home, CI: '1', TMPDIR: join(home, 'tmp'), DOCKER_HOST: 'unix:///nowhere.sock' }
    return promisify(execFile)(program, rest, { cwd: clone, env, signal, maxBuffer: 64 * 1024 * 1024 }).catch(
      (failed: { readonly stdout: string; readonly stderr: string }) => {
        throw new Error(`ezone ${args[0]} failed: ${failed.stdout}${failed.stderr}`)
      },
    )
  }
  try {
    await run('git', 'clone', '--quiet', root, clone)
    await mkdir(join(home, 'tmp'))
    if (uid !== null) await run('chown', '-R', `${uid}:${uid}`, home)
    if (uid !== null) await chown(home, uid, uid)
    const began = systemClock.monotonicMs()
    const { data } = JSON.parse((await ezone('up')).stdout)
    const tookMs = Math.round(systemClock.monotonicMs() - began)
    mustBe(data.state === 'ready', `the testbed is ${data.state}`)
    mustBe(data.runtime === 'process', `it runs on ${data.runtime}`)
    const servers = data.places.flatMap((place: { servers: object[] }) => place.servers).length
    return { tookMs, readyMs: data.readyMs, state: data.state, servers }
  } finally {
    await ezone('down').catch(() => undefined)
    await rm(home, { recursive: true, force: true })
  }
}
