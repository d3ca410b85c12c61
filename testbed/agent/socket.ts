import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const pathBytesMax = 100 // sun_path holds 108 on Linux, 104 elsewhere

/** The Unix socket of a testbed's agent. A state folder with too long a path gets one in the temp folder instead. */
export function socketOf(folder: string): string {
  const path = join(folder, 'agent.sock')
  if (Buffer.byteLength(path) <= pathBytesMax) return path
  const short = createHash('sha256').update(folder).digest('hex').slice(0, 12)
  return join(tmpdir(), `ezone-${short}.sock`)
}
