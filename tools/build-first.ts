import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Before tests of whole testbeds: they run what a user runs, which is what was built of these very sources. */
export function setup(): void {
  execFileSync(join(import.meta.dirname, '..', 'ezone'), ['--version'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
