import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FaultReport } from '../chaos/fault.ts'
import type { FaultWish } from '../chaos/leases.ts'
import { packageRoot } from '../surroundings/folders.ts'
import type { Blueprint } from '../topology/blueprint.ts'

/** A process of its own that puts a fault in, and is killed with -9 as soon as it has said so. */
export async function killedHolder(file: string, blueprint: Blueprint, wish: FaultWish): Promise<FaultReport> {
  const program = join(packageRoot, 'testbed/testing/lease-holder.ts')
  const args = ['--conditions=ezone-source', program, file, JSON.stringify(blueprint), JSON.stringify(wish)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [report] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  return JSON.parse(String(report)) as FaultReport
}
