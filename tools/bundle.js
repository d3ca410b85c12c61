// Each built service as one file, dist/services/<folder>/main.js: a testbed starts some twenty of them at once, and to
// find and read hundreds of small modules costs each more than all it does at start (ADR 0023 has the figures).
// Without a bundler for this machine the services run as they were compiled, only slower to start.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Whatever reads a file beside itself, or is looked for at run time and may be missing. */
const apart = ['@platformatic/wasm-utils', '@platformatic/dynamic-buffer', '@node-rs/crc32', 'protobufjs', /[.]node$/]
/** Packages that say nothing of it, but whose modules do nothing when they are only imported: what is unused goes. */
const quiet = /node_modules[/](@platformatic[/]kafka|ajv|ajv-draft-04|avsc|mnemonist)[/]/

/** @param {string} root of the package */
export async function bundleServices(root) {
  const into = join(root, 'dist', 'services')
  rmSync(into, { recursive: true, force: true })
  const { rolldown } = await import('rolldown').catch(() => ({ rolldown: null }))
  if (rolldown === null) return
  const built = join(root, 'dist', 'src')
  const services = readdirSync(built).filter((name) => existsSync(join(built, name, 'main.js')))
  await Promise.all(
    services.map(async (name) => {
      await using bundle = await rolldown({
        input: join(built, name, 'main.js'),
        platform: 'node',
        external: apart,
        treeshake: { moduleSideEffects: [{ test: quiet, sideEffects: false }] },
        logLevel: 'silent',
      })
      await bundle.write({ dir: join(into, name), format: 'esm', chunkFileNames: '[name].js' })
    }),
  )
}
