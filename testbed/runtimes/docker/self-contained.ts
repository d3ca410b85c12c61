import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerHome } from '../../servers/home.ts'

const elfMagic = 0x7f454c46
const interpreterSegment = 3 // PT_INTERP

/**
 * Why a home cannot run in an image that holds nothing else; null where it can: it brings its loader along, it is a set
 * of jars, or its programs are linked statically.
 */
export async function missingGround(home: ServerHome): Promise<string | null> {
  if (home.loader !== null) return null
  for (const [name, path] of Object.entries(home.programs)) {
    if (!(await isStatic(join(home.root, path)))) {
      return `${name} of ${home.kind} ${home.version} (${home.source}) needs libraries of this machine`
    }
  }
  return null
}

/** True for an ELF program that names no dynamic loader. Scripts and anything unknown are not. */
async function isStatic(path: string): Promise<boolean> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
  // Only 64-bit little-endian programs: what Linux runs on x86-64 and arm64.
  if (bytesRead < 64 || buffer.readUInt32BE(0) !== elfMagic || buffer[4] !== 2 || buffer[5] !== 1) return false
  const tableAt = Number(buffer.readBigUInt64LE(32))
  const entryBytes = buffer.readUInt16LE(54)
  const entries = buffer.readUInt16LE(56)
  if (tableAt + entries * entryBytes > bytesRead) return false
  const types = Array.from({ length: entries }, (_, i) => buffer.readUInt32LE(tableAt + i * entryBytes))
  return !types.includes(interpreterSegment)
}
