import { lstat, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from '../run.ts'
import type { Ground } from '../source.ts'

/** Left out: what no server reads. Licence texts stay (they are in usr/share/doc). */
const leftOut = [
  './usr/share/man',
  './usr/share/locale',
  './usr/share/info',
  './usr/share/lintian',
  './usr/share/bug',
  './usr/lib/*/gconv',
  './usr/lib/systemd',
  './usr/bin/my[a-r_]*',
  './usr/bin/mysql[_bcsipkd]*',
  './usr/bin/i[bn]*',
  './usr/bin/perror',
  './usr/share/zoneinfo',
  '*classes_nocoops*.jsa',
]

/** Unpacks package files into one tree that is complete: it runs from its own loader, and as a container's root. */
export async function unpackPackages(files: readonly string[], into: string, ground: Ground): Promise<void> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(into, 'usr', folder), { recursive: true })
    await symlink(`usr/${folder}`, join(into, folder))
  }
  const exclude = leftOut.map((pattern) => `--exclude=${pattern}`).join(' ')
  const script = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --no-same-owner ${exclude}`
  const queue = [...files]
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const args = ['-o', 'pipefail', '-f', '-c', script, 'unpack', file, into]
      await run('bash', args, { signal: ground.signal, deadlineMs: 120_000, env: ground.marker })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  await keepLicencesOnly(join(into, 'usr/share/doc'))
  await linksBecomeRelative(into)
  await namesOfRoot(into)
}

async function keepLicencesOnly(doc: string): Promise<void> {
  for (const entry of await readdir(doc, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name !== 'copyright') await rm(join(entry.parentPath, entry.name))
  }
}

/** An absolute link would lead out of the tree, into the machine's own files: Java's configuration is full of them. */
export async function linksBecomeRelative(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue
    const link = join(entry.parentPath, entry.name)
    const target = await readlink(link)
    if (!target.startsWith('/')) continue
    await rm(link)
    const inside = join(root, target)
    const exists = await lstat(inside).then(
      () => true,
      () => false,
    )
    // What it leads to is not part of the tree: a link to nowhere is worth nothing.
    if (exists) await symlink(relative(dirname(link), inside), link)
  }
}

/** mysqld --user=root looks the name up; in a container nothing else would know it. */
async function namesOfRoot(root: string): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true })
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n')
}
