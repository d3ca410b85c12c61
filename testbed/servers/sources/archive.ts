import { access, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerKind } from '../home.ts'
import { run } from '../run.ts'
import type { Ground } from '../source.ts'

/** Unpacks a publisher's archive, or a cache entry of ezone, so that `into` looks as ezone expects a home to look. */
export async function unpackArchive(kind: ServerKind, archive: string, into: string, ground: Ground): Promise<void> {
  const raw = `${into}.raw`
  await mkdir(raw, { recursive: true })
  // GNU tar finds the compression by itself, and takes neither absolute names nor `..`.
  const args = ['-x', '-f', archive, '-C', raw, '--no-same-owner', '--keep-directory-symlink']
  await run('tar', args, { signal: ground.signal, deadlineMs: 300_000, env: ground.marker })
  const content = await heartOf(raw)
  await rm(into, { recursive: true, force: true })
  if (kind === 'mysql' && !(await exists(join(content, 'usr')))) await underUsr(content, into)
  else await rename(content, into)
  await rm(raw, { recursive: true, force: true })
}

/** Archives usually hold one folder named after the version; an entry of ezone's cache holds `files`. */
async function heartOf(folder: string): Promise<string> {
  const names = await readdir(folder)
  if (names.includes('files') && names.includes('manifest.json')) return join(folder, 'files')
  const [only] = names
  return names.length === 1 && only !== undefined && (await readdir(join(folder, only)).catch(() => null)) !== null
    ? heartOf(join(folder, only))
    : folder
}

/** MySQL's own archives have bin, lib and share at the top; ezone looks for them where distributions put them. */
async function underUsr(content: string, into: string): Promise<void> {
  await mkdir(into)
  await rename(content, join(into, 'usr'))
  if (!(await exists(join(into, 'usr/share/mysql')))) await symlink('.', join(into, 'usr/share/mysql'))
  if (!(await exists(join(into, 'usr/lib/mysql')))) await symlink('.', join(into, 'usr/lib/mysql'))
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
