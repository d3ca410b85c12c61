import { chmod, mkdir, open, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { UrlSetting } from '../../topology/schema.ts'
import type { ServerKind } from '../home.ts'
import { kinds } from '../kinds.ts'
import type { Ground, Source } from '../source.ts'
import { unpackArchive } from './archive.ts'

/** A server from an address of the user's own. Nothing is unpacked before its hash is right. */
export function urlSource(setting: UrlSetting): Source {
  return {
    name: `url:${setting.url}`,
    offers: (kind) => kind === setting.kind,
    obstacle: async () => null,
    async fetch(kind, into, ground) {
      const { download } = await import('./download.ts')
      const archive = join(ground.scratch, `${kind}.download`)
      const expected = setting.sha256 ?? (await publishedHash(setting, ground))
      ground.report('downloading')
      const got = await download(setting.url, archive, ground.signal)
      if (got.sha256 !== expected) {
        throw new EzoneError(
          'EZ_HASH_MISMATCH',
          `${setting.url} (${got.bytes} bytes) has SHA-256 ${got.sha256}, but ${expected} was promised for ${kind}`,
        )
      }
      await ((await isProgram(archive))
        ? placeProgram(kind, archive, into)
        : unpackArchive(kind, archive, into, ground))
      return { files: true }
    },
  }
}

/** The hash that the publisher's checksum file gives for this file name. */
async function publishedHash(setting: UrlSetting, ground: Ground): Promise<string> {
  if (setting.checksums === undefined) throw new Error('neither sha256 nor checksums is given')
  const { contentOf } = await import('./download.ts')
  const name = basename(new URL(setting.url).pathname)
  const hash = hashFor(name, await contentOf(setting.checksums, ground.signal))
  if (hash === null) throw new Error(`${setting.checksums} holds no SHA-256 of ${name}`)
  return hash
}

/** Understands `HASH  NAME`, `HASH *NAME`, `SHA256 (NAME) = HASH`, and a file with nothing but the hash. */
export function hashFor(name: string, checksums: string): string | null {
  const lines = checksums.split('\n').map((line) => line.trim())
  for (const line of lines) {
    const bsd = /^SHA256 \((.+)\) = ([0-9a-f]{64})$/i.exec(line)
    const gnu = /^([0-9a-f]{64})\s+\*?(.+)$/i.exec(line)
    const [file, hash] = bsd ? [bsd[1], bsd[2]] : [gnu?.[2], gnu?.[1]]
    if (file !== undefined && hash !== undefined && basename(file) === name) return hash.toLowerCase()
  }
  const [only, ...others] = lines.filter(Boolean)
  return others.length === 0 && /^[0-9a-f]{64}$/i.test(only ?? '') ? (only ?? '').toLowerCase() : null
}

async function isProgram(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  return buffer.toString('latin1') === '\x7fELF'
}

async function placeProgram(kind: ServerKind, file: string, into: string): Promise<void> {
  const [name, ...others] = kinds[kind].programs
  if (name === undefined || others.length > 0) throw new Error(`is a single program, which ${kind} is not`)
  await mkdir(join(into, 'bin'))
  await rename(file, join(into, 'bin', name))
  await chmod(join(into, 'bin', name), 0o755)
}
