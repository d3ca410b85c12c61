import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import type { Ground } from '../source.ts'

/** One package file as apt names it: hash and size come from the signed index. */
export interface PackageFile {
  readonly name: string
  readonly bytes: number
}

/**
 * apt with folders of its own: it reads the machine's sources, proxies and keys, and writes nothing outside `folder`.
 * Works as an ordinary user and as root alike.
 */
export interface IsolatedApt {
  /** Package files that these packages need, with all they depend on. */
  closure(packages: readonly string[]): Promise<readonly PackageFile[]>
  /** Downloads the closure; apt checks each file's hash against the signed index. Returns the folder with them. */
  download(packages: readonly string[]): Promise<string>
}

const suite = 'sid'

export async function isolatedApt(folder: string, ground: Ground): Promise<IsolatedApt> {
  const configuration = join(folder, 'apt.conf')
  const archives = join(folder, 'cache/archives')
  for (const part of ['etc', 'state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, part), { recursive: true })
  }
  const [origin, settings] = await Promise.all([debianOrigin(ground), networkSettings(ground)])
  await writeFile(join(folder, 'status'), '')
  // sid is not released: mirrors may hold an index past its date, whose signature is good all the same.
  await writeFile(
    join(folder, 'etc/sources.list'),
    `deb [signed-by=${origin.keyring} check-valid-until=no] ${origin.uri} ${suite} main\n`,
  )
  await writeFile(configuration, aptConf(folder, settings))

  const apt = (args: readonly string[], deadlineMs: number) =>
    run('apt-get', args, { signal: ground.signal, deadlineMs, env: { ...ground.marker, APT_CONFIG: configuration } })
  await apt(['update', '-qq'], 60_000)
  return {
    async closure(packages) {
      const { stdout } = await apt(['install', '--print-uris', '-qq', '-y', ...packages], 30_000)
      return [...stdout.matchAll(/^'[^']*' (\S+\.deb) (\d+)/gm)].map(([, name = '', bytes]) => ({
        name,
        bytes: Number(bytes),
      }))
    },
    async download(packages) {
      await apt(['install', '--download-only', '-qq', '-y', ...packages], 180_000)
      return archives
    },
  }
}

/** The machine's own Debian source: same mirror, same key, another suite. */
async function debianOrigin(ground: Ground): Promise<{ uri: string; keyring: string }> {
  const { stdout } = await run(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian'],
    { signal: ground.signal, deadlineMs: 20_000, env: ground.marker },
  )
  const uri = (stdout || (await unindexedOrigin())).split('\n').find((line) => /\/debian\/?$/.test(line))
  if (uri === undefined) throw new Error('this machine has no Debian package source')
  return { uri, keyring: '/usr/share/keyrings/debian-archive-keyring.gpg' }
}

/** Before the first `apt-get update` of a machine apt knows no origin yet; its files do. */
async function unindexedOrigin(): Promise<string> {
  const files = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return [...texts.join('\n').matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+)/gm)].map(([, uri]) => uri).join('\n')
}

/** Proxies, time-outs and certificates as the machine has them; not its hooks, which would touch the system. */
async function networkSettings(ground: Ground): Promise<string> {
  const { stdout } = await run('apt-config', ['dump', '--format', '%F "%v";%n', 'Acquire'], {
    signal: ground.signal,
    deadlineMs: 20_000,
    env: ground.marker,
  })
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(https?|ftp|tor|Retries|ForceIPv|Proxy|Max-|Check-Date)/i.test(line))
    .join('\n')
}

const aptConf = (folder: string, settings: string): string => `${settings}
Dir::Etc "${folder}/etc";
Dir::Etc::sourcelist "sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "/usr/share/keyrings/";
Dir::State "${folder}/state";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Log "${folder}";
APT::Install-Recommends "false";
Acquire::Languages "none";
Debug::NoLocking "true";
APT::Sandbox::User "";
`
