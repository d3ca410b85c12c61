import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { commandOf, type ServerHome, type ServerKind } from './home.ts'
import { kinds } from './kinds.ts'
import { run } from './run.ts'

/**
 * Looks what a folder holds and makes a home of it: finds programs, loader, libraries and jars by their names, runs the
 * server once for its version, and refuses what ezone was never tried with. Sources need not describe what they bring.
 */
export async function survey(kind: ServerKind, root: string, source: string, signal: AbortSignal): Promise<ServerHome> {
  const facts = kinds[kind]
  const files = await filesBelow(root)
  const programs = Object.fromEntries(facts.programs.map((name) => [name, programNamed(kind, name, files)]))
  const draft = {
    kind,
    source,
    root,
    programs,
    loader: facts.programs.length > 0 ? await loaderOf(root, files) : null,
    jars: facts.programs.length > 0 ? [] : files.filter((file) => file.endsWith('.jar')).toSorted(),
  }
  const version = 'jar' in facts.version ? jarVersion(kind, draft.jars, facts.version.jar) : null
  const home = { ...draft, version: version ?? '', licence: '' }
  return accepted({ ...home, version: version ?? (await versionOf(home, signal)) })
}

/** The home with its licence, where its version is one ezone was tried with. */
export function accepted(home: ServerHome): ServerHome {
  const facts = kinds[home.kind]
  if (!facts.accepts.test(home.version)) {
    throw new Error(`has ${home.kind} ${home.version}, but ${facts.wants} is needed`)
  }
  return { ...home, licence: facts.licence(home.version) }
}

/** Asks the server itself. Proves at the same time that it runs on this machine. */
export async function versionOf(home: ServerHome, signal: AbortSignal): Promise<string> {
  const { version } = kinds[home.kind]
  if ('jar' in version) return jarVersion(home.kind, home.jars, version.jar)
  const [command, ...args] = commandOf(home, version.program)
  const { stdout, stderr } = await run(command, [...args, ...version.args], { signal, deadlineMs: 20_000 })
  const said = version.says.exec(`${stdout}\n${stderr}`)?.[1]
  if (said === undefined) throw new Error(`${version.program} does not say its version: ${stdout || stderr}`)
  return said
}

function jarVersion(kind: ServerKind, jars: readonly string[], pattern: RegExp): string {
  const version = jars.map((jar) => pattern.exec(basename(jar))?.[1]).find((found) => found !== undefined)
  if (version === undefined) throw new Error(`holds no jar of ${kind}`)
  return version
}

function programNamed(kind: ServerKind, name: string, files: readonly string[]): string {
  const names = [name, kinds[kind].alsoCalled?.[name]]
  const found = files
    .filter((file) => names.includes(basename(file)) && /(^|\/)s?bin$|^\.$/.test(dirname(file)))
    .toSorted((a, b) => a.length - b.length)[0]
  if (found === undefined) throw new Error(`holds no program ${name} of ${kind}`)
  return found
}

/** A tree of packages brings its own dynamic loader; then every folder with libraries beside it counts. */
async function loaderOf(root: string, files: readonly string[]): Promise<ServerHome['loader']> {
  const path = files.find((file) => /(^|\/)ld-linux[^/]*\.so\.\d+$/.test(file))
  if (path === undefined) return null
  const real = relative(await realpath(root), await realpath(join(root, path)))
  const libraries = new Set([
    dirname(real),
    ...files.filter((f) => /(^|\/)libc\.so\.6$/.test(f)).map((f) => dirname(f)),
  ])
  return { path, libraries: [...libraries].toSorted() }
}

/** All files and links, relative to root; links to folders are not followed. */
export async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}
