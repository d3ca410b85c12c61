import type { Check, File, Finding } from './tree.ts'

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The lock names every package that its packages name. npm leaves out optional ones that the registry does not have
 * (a platform package that is not published yet), `npm install` then passes, and `npm ci` refuses on every fresh clone.
 */
export const lockIsComplete: Check = (tree) =>
  tree.filter(({ path }) => path === 'package-lock.json').flatMap((file) => missingFrom(file))

function missingFrom(file: File): readonly Finding[] {
  const packages: Readonly<Record<string, LockedPackage>> = JSON.parse(file.text).packages ?? {}
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !placesToLook(path).some((folder) => packages[`${folder}node_modules/${name}`]))
      .map((name) => ({
        path: file.path,
        line: lineOf(file, path),
        says: `${path || 'this package'} needs ${name}, which is not locked: npm ci will refuse; take a version of it all of whose packages are published`,
      })),
  )
}

/** Where Node looks from a package: its own folder, then each above it. */
function placesToLook(path: string): readonly string[] {
  const parts = path.split('node_modules/')
  const above = parts.map((_, index) => parts.slice(0, index).join('node_modules/'))
  return [...above, path === '' ? '' : `${path}/`]
}

const lineOf = (file: File, path: string) =>
  Math.max(1, file.text.slice(0, Math.max(0, file.text.indexOf(`"${path}": {`))).split('\n').length)
