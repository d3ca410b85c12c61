// Builds dist/ and the command manifest: `npm run build`. Incremental; what has no source any more is removed, because
// oclif takes every file it finds in dist/commands for a command.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleServices } from './bundle.js'
import { packSdk } from './pack-sdk.ts'

const root = dirname(import.meta.dirname)

function removeOrphans(built, source) {
  if (!existsSync(built)) return
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(built, entry.name)
    const origin = join(source, entry.name)
    if (entry.isDirectory()) {
      if (existsSync(origin)) removeOrphans(path, origin)
      else rmSync(path, { recursive: true })
    } else if (/\.(d\.ts|js)$/.test(entry.name) && !existsSync(origin.replace(/\.(d\.ts|js)$/, '.ts'))) rmSync(path)
  }
}

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // A build info without its output would make tsc believe that there is nothing to do.
  const force = existsSync(join(root, 'dist', '.built')) ? [] : ['--force']
  const { status } = spawnSync(process.execPath, [tsc, '-b', ...force], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** The compiler once left a dynamic import of a `.ts` file as it was; whatever does so again shall not be found by a user. */
function checkImports(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue
    const path = join(entry.parentPath, entry.name)
    const left = /(?:from|import\()\s*['"](\.[^'"]*\.ts)['"]/.exec(readFileSync(path, 'utf8'))
    if (left) throw new Error(`${path} imports ${left[1]}, which is not there when built`)
  }
}

async function writeManifest() {
  const { Plugin } = await import('@oclif/core')
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
}

process.stderr.write('building\n')
// Made first: a folder that is made later would look like a change of the sources around it.
mkdirSync(join(root, 'src', 'sdk', 'dist'), { recursive: true })
const began = new Date()
for (const folder of ['commands', 'testbed', 'src']) removeOrphans(join(root, 'dist', folder), join(root, folder))
removeOrphans(join(root, 'src', 'sdk', 'dist'), join(root, 'src', 'sdk'))
compile()
// Not of the bundles: they carry the comments of others.
for (const folder of ['commands', 'testbed', 'src']) checkImports(join(root, 'dist', folder))
await bundleServices(root)
await packSdk(root)
await writeManifest()
mkdirSync(join(root, 'dist'), { recursive: true })
// Dated back to the begin: what was edited while this ran shall be built the next time.
writeFileSync(join(root, 'dist', '.built'), '')
utimesSync(join(root, 'dist', '.built'), began, began)
