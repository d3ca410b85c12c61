import type { Transform } from 'node:stream'
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { EzoneError } from '@ezone/sdk/errors'
import { z } from 'zod'
import { serverKinds } from '../home.ts'

/**
 * A bundle is one tar file: `bundle.json` first, then `servers/<kind>/<entry>/` as the cache has them. Every entry's
 * manifest holds the hash of every file, so a bundle proves its own content.
 */
export const bundleSchema = z.strictObject({
  format: z.literal(1),
  architecture: z.string(),
  entries: z
    .array(z.strictObject({ kind: z.enum(serverKinds), version: z.string(), folder: z.string().regex(/^[\w.+-]+$/) }))
    .min(1),
})

/** What the name of the file asks for. */
export function compressorFor(file: string): Transform | null {
  if (/\.(tar\.gz|tgz)$/.test(file)) return createGzip({ level: 6 })
  if (/\.(tar\.zst|tzst)$/.test(file)) return createZstdCompress()
  if (file.endsWith('.tar')) return null
  throw new EzoneError('EZ_USAGE', `${file} does not say how to pack`, { hint: 'Use .tar.zst, .tar.gz or .tar.' })
}

/** What the first bytes of a file say; its name may be anything. */
export function decompressorFor(head: Buffer): Transform | null {
  if (head.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return createGunzip()
  if (head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return createZstdDecompress()
  return null
}
