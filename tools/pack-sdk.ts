// The SDK as the CLI carries it for the services it makes: dist/sdk/ezone-sdk-<version>.tgz, with what `npm pack` would
// put in. Of the same files it is the same, byte for byte: no times, no owners, a fixed order.
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import tar, { type PackOptions } from 'tar-fs'

/** As npm dates what it packs. */
const always = new Date('1985-10-26T08:15:00.000Z')

/** Packs the package in a folder into a file. */
export async function packFolder(folder: string, into: string): Promise<void> {
  const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const options: PackOptions & { readonly sort: boolean } = {
    entries: ['package.json', ...files],
    sort: true,
    map: (header) => ({
      ...header,
      name: `package/${header.name}`,
      mode: header.type === 'directory' ? 0o755 : 0o644,
      mtime: always,
      uid: 0,
      gid: 0,
    }),
  }
  const packed = tar.pack(folder, options)
  await pipeline(packed, createGzip({ level: 9 }), createWriteStream(into))
}

/** @param root of the repository */
export async function packSdk(root: string): Promise<void> {
  const sdk = join(root, 'src', 'sdk')
  const { version } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'))
  const into = join(root, 'dist', 'sdk')
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  await packFolder(sdk, join(into, `ezone-sdk-${version}.tgz`))
}
