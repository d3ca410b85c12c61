import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { temporaryFolder } from '../testing/jar-set.ts'
import type { Diagnosis } from './check.ts'

interface Examined {
  readonly exit: number
  readonly healthy: boolean
  readonly of: (name: string) => Diagnosis | undefined
}

/** Has the CLI look at a machine as `before` makes it: words that stand before the command. */
async function doctorAfter(
  before: readonly string[],
  { folder, env = {} }: { readonly folder: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Examined> {
  for (const name of ['state', 'cache']) await mkdir(join(folder, name), { recursive: true })
  const [program = '', ...args] = [...before, process.execPath, join(packageRoot, 'bin', 'run.js'), 'doctor', '--json']
  const options = {
    cwd: folder,
    env: {
      ...process.env,
      EZONE_STATE_DIR: join(folder, 'state'),
      EZONE_CACHE_DIR: join(folder, 'cache'),
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      DOCKER_HOST: '',
      ...env,
    },
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (stdout === '') return reject(new Error(`${error?.message} ${stderr}`))
      const { data } = JSON.parse(stdout) as { data: { healthy: boolean; findings: readonly Diagnosis[] } }
      const of = (name: string) => data.findings.find((found) => found.name === name)
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, healthy: data.healthy, of })
    })
  })
}

/** A place of its own in which a system can be spoilt without harm to this one. */
const apart = (() => {
  try {
    execFileSync('unshare', ['-rmn', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const wrong = (status: 'problem' | 'warning', text: RegExp) => ({
  status,
  text: expect.stringMatching(text),
  cause: expect.stringMatching(/\w/),
  fix: expect.stringMatching(/\w/),
})

describe('ezone doctor on a machine', () => {
  it('that may open few files', async () => {
    await using folder = await temporaryFolder()
    const examined = await doctorAfter(['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'], { folder: folder.path })
    expect(examined.of('limits')).toMatchObject(wrong('problem', /256 files/))
    expect(examined).toMatchObject({ exit: 4, healthy: false })
  })

  it('where another program has a port on every address, and none that has it on its own', async () => {
    await using folder = await temporaryFolder()
    const server = createServer()
    try {
      // ezone.yaml takes none of those that the kernel gives by itself.
      const port = 20_000 + (process.pid % 12_000)
      await once(server.listen(port, '127.99.0.1'), 'listening')
      await writeFile(join(folder.path, 'ezone.yaml'), `ports: {redis: ${port}}\n`)
      expect((await doctorAfter([], { folder: folder.path })).of('ports')?.text).not.toContain(String(port))
      server.close()
      await once(server, 'close')
      await once(server.listen(port, '0.0.0.0'), 'listening')
      const { of } = await doctorAfter([], { folder: folder.path })
      expect(of('ports')).toMatchObject(wrong('problem', new RegExp(`${port} by .*pid ${process.pid}`)))
    } finally {
      server.close()
    }
  })

  it('with a wrong ezone.yaml', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'ezone.yaml'), 'zonen: 3\n')
    const { of, exit } = await doctorAfter([], { folder: folder.path })
    expect(of('topology')).toMatchObject(wrong('problem', /zonen/))
    expect(of('ports')?.text).not.toContain('could not be checked')
    expect(exit).toBe(4)
  })

  it('whose Node asks a proxy for everything', async () => {
    await using folder = await temporaryFolder()
    const env = { NODE_USE_ENV_PROXY: '1', http_proxy: 'http://127.0.0.1:9', NO_PROXY: '', no_proxy: '' }
    const { of } = await doctorAfter([], { folder: folder.path, env })
    expect(of('proxy')).toMatchObject(wrong('problem', /a request from this machine to itself fails/))
  })

  it.runIf(apart)('without loopback and network (in namespaces of its own)', async () => {
    await using folder = await temporaryFolder()
    const { of } = await doctorAfter(['unshare', '-rn'], { folder: folder.path })
    expect(of('loopback')).toMatchObject(wrong('problem', /nobody can be reached on 127\.0\.0\.1/))
    expect(of('servers')).toMatchObject(wrong('problem', /this machine has no network: mysql|neither here/))
  })

  it.runIf(apart)('whose disk is small and starts no programs (in namespaces of its own)', async () => {
    await using folder = await temporaryFolder()
    const cache = join(folder.path, 'cache')
    const mount = `mount -t tmpfs -o size=32m,nr_inodes=100,noexec none ${cache}; exec "$@"`
    const { of } = await doctorAfter(['unshare', '-rm', 'sh', '-c', mount, 'sh'], { folder: folder.path })
    expect(of('programs')).toMatchObject(wrong('problem', /no program in .*cache can be started/))
    expect(of('disk')).toMatchObject(wrong('problem', /more files may be made|free for/))
  })

  it.runIf(apart)('where no more files can be watched (in namespaces of its own)', async () => {
    await using folder = await temporaryFolder()
    const none = 'echo 0 > /proc/sys/user/max_inotify_instances; exec "$@"'
    const { of } = await doctorAfter(['unshare', '-r', 'sh', '-c', none, 'sh'], { folder: folder.path })
    expect(of('file watches')).toMatchObject(wrong('warning', /no more files can be watched/))
  })
})
