// How long a testbed takes to start and to end, and what it weighs: `npm run bench -- [rounds]`.
// Medians of at least five rounds, on a state folder of its own. Cold starts fetch everything anew: `--cold`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Status } from '../testbed/session/status.ts'

const root = join(import.meta.dirname, '..')
const ezone = join(root, 'ezone')
const rounds = Math.max(5, Number(process.argv.find((a) => /^\d+$/.test(a)) ?? 5))
const state = mkdtempSync(join(tmpdir(), 'ezb-'))
const cache = process.argv.includes('--cold') ? mkdtempSync(join(tmpdir(), 'ezc-')) : undefined

interface Run {
  readonly wallMs: number
  readonly data: Status & { readonly operations: number }
}

function run(...args: string[]): Run {
  const began = performance.now()
  const { stdout, stderr, status } = spawnSync(ezone, [...args, '--json'], {
    encoding: 'utf8',
    cwd: state,
    env: { ...process.env, EZONE_STATE_DIR: state, ...(cache && { EZONE_CACHE_DIR: cache }) },
  })
  if (status !== 0) throw new Error(`ezone ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return { wallMs: performance.now() - began, data: (JSON.parse(stdout) as { data: Run['data'] }).data }
}

/** User and system time of a command, as the kernel accounts its finished children. */
function cpuMs(...args: string[]): number {
  const { stderr } = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>&1`, ezone, ...args], {
    encoding: 'utf8',
    env: { ...process.env, EZONE_STATE_DIR: state },
  })
  return stderr
    .trim()
    .split(/\s+/)
    .reduce((sum, s) => sum + Number(s) * 1000, 0)
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const show = (what: string, values: readonly number[], unit: string, target: string) =>
  process.stdout.write(
    `${what.padEnd(34)} ${median(values).toFixed(0).padStart(7)} ${unit}   (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)}, n=${values.length})  target ${target}\n`,
  )

/** Proportional set size: memory shared between processes is divided among them, so the sum is what the machine gives. */
function pssMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
}

function weigh(status: Status): { servers: number; services: number } {
  const of = (specs: Status['places'][number]['servers']) =>
    specs.reduce((sum, s) => sum + (s.pid ? pssMiB(s.pid) : 0), 0)
  return {
    servers: status.places.reduce((sum, p) => sum + of(p.servers), 0) + linkMiB(status.name),
    services: status.places.reduce((sum, p) => sum + of(p.services), 0) + (status.agent ? pssMiB(status.agent) : 0),
  }
}

function linkMiB(name: string): number {
  const { stdout } = spawnSync('pgrep', ['-f', 'toxiproxy-server'], { encoding: 'utf8' })
  const id = readFileSync(join(state, 'testbeds', name, 'id'), 'utf8').trim()
  return stdout
    .split('\n')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(id))
    .reduce((sum, pid) => sum + pssMiB(Number(pid)), 0)
}

process.stdout.write(
  `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, MySQL durability full, runtime process\n`,
)
const none = (): number[] => []
const figures = {
  warm: none(),
  noop: none(),
  down: none(),
  stop: none(),
  start: none(),
  light: none(),
  servers: none(),
  services: none(),
}
try {
  if (cache) {
    show('cold up (everything fetched)', [run('up', '--runtime', 'process').wallMs / 1000], 's ', '<= 90')
    run('down')
  }
  for (let round = 0; round < rounds; round++) {
    figures.warm.push(run('up', '--runtime', 'process').wallMs)
    figures.noop.push(run('up', '--runtime', 'process').wallMs)
    figures.light.push(cpuMs('ps'))
    const weight = weigh(run('status').data)
    figures.servers.push(weight.servers)
    figures.services.push(weight.services)
    figures.stop.push(run('stop').wallMs)
    figures.start.push(run('start').wallMs)
    figures.down.push(run('down').wallMs)
  }
  show('warm up (fresh data)', figures.warm, 'ms', '<= 8000')
  show('no-op up', figures.noop, 'ms', '<= 1000')
  show('down', figures.down, 'ms', '<= 5000')
  show('stop', figures.stop, 'ms', '-')
  show('start (data kept)', figures.start, 'ms', '-')
  show('light command (ps), CPU', figures.light, 'ms', '<= 150')
  show('the 16 servers, PSS', figures.servers, 'MiB', '<= 1126')
  show('services and agent, PSS', figures.services, 'MiB', '-')
} finally {
  spawnSync(ezone, ['down', '--all'], { env: { ...process.env, EZONE_STATE_DIR: state } })
  rmSync(state, { recursive: true, force: true })
  if (cache) rmSync(cache, { recursive: true, force: true })
}
