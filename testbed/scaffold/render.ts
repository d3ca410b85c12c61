/** What is put into the holes of a template. */
export interface Rendering {
  readonly name: string
  /** File name of the SDK in `vendor/`. */
  readonly sdkTarball: string
}

/** What a template says of itself; its text goes into the README that all have in common. */
const about = 'ABOUT.md'
const readme = 'README.md'

/**
 * The files of a service from those of a template. Templates are programs that run as they stand, of a service called
 * `demo`: so there are few holes, and what is tested here is what is handed out. A leading underscore of a file's name
 * goes: such a file would mean something to tools where the template stands.
 */
export function render(template: ReadonlyMap<string, string>, rendering: Rendering): ReadonlyMap<string, string> {
  const told = (template.get(about) ?? '').replace(/^#.*\n+/, '').trimEnd()
  return new Map(
    [...template]
      .filter(([path]) => path !== about)
      .map(([path, text]) => [
        path.replace(/(^|\/)_/, (_, before: string) => `${before}${dotted(path)}`),
        filled(path === readme ? text.replace('WHAT_IT_DOES', () => told) : text, rendering),
      ]),
  )
}

/** `_gitignore` is `.gitignore`; `_package.json` has no dot before it. */
const dotted = (path: string) => (/(^|\/)_[a-z]+$/.test(path) ? '.' : '')

const filled = (text: string, { name, sdkTarball }: Rendering) =>
  text
    .replaceAll('SDK_TARBALL', sdkTarball)
    .replace(/(?<=EXISTS )demo\b|\bdemo(?=\.[a-z])/g, schemaOf(name))
    .replace(/\bdemo\b/g, name)

/** The MySQL schema of a service: a name that needs no quotes. */
export const schemaOf = (name: string): string => name.replaceAll('-', '_')
