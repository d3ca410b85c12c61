import { posix } from 'node:path'
import { type Check, type File, type Finding, isCode, isMarkdown, linesWith, type Tree } from './tree.ts'

/** A promise to do something later needs somewhere it is kept. */
export const promisesAreKept: Check = (tree) =>
  tree
    .filter((file) => isCode(file) && !file.path.startsWith('tools/tidy'))
    .flatMap((file) =>
      linesWith(
        file,
        /\b(TODO|FIXME|XXX)\b(?!.*(#\d+|ADR[ -]?\d{4}))/,
        (word) => `${word} without a number: add #ISSUE or ADR NNNN, or do it now`,
      ),
    )

/** What is true of one machine only has no place in a repository that others clone. */
export const noMachinePaths: Check = (tree) =>
  tree
    .filter((file) => !file.path.startsWith('data/') && !file.path.startsWith('tools/tidy'))
    .flatMap((file) => [
      ...linesWith(
        file,
        /(?:^|[\s'"`(=:])(\/(?:root|work|home\/\w+)(?=[/\s'"`):]|$))/,
        (path) => `${path} is a path of one machine: use a path relative to the repository, a temp folder, or ~`,
      ),
      ...(file.path === 'package-lock.json'
        ? linesWith(
            file,
            /"resolved": "(https?:[^"]+)"/,
            () => 'names a registry: install with omit-lockfile-registry-resolved=true',
          )
        : []),
    ])

/** Line numbers of the headings outside code fences. */
function headings(file: File): readonly { readonly level: number; readonly title: string; readonly line: number }[] {
  let fenced = false
  return file.text.split('\n').flatMap((text, index) => {
    if (/^\s*(```|~~~)/.test(text)) fenced = !fenced
    const found = fenced ? null : /^(#{1,6})\s+(.*?)\s*$/.exec(text)
    return found ? [{ level: found[1]?.length ?? 0, title: found[2] ?? '', line: index + 1 }] : []
  })
}

export const oneTitle: Check = (tree) =>
  tree.filter(isMarkdown).flatMap((file): readonly Finding[] => {
    const titles = headings(file).filter(({ level }) => level === 1)
    if (titles.length === 0) return [{ path: file.path, line: 1, says: 'has no title: begin with `# …`' }]
    return titles
      .slice(1)
      .map(({ line }) => ({ path: file.path, line, says: 'is a second title: make it `## …`, or another file' }))
  })

export const linksResolve: Check = (tree) => {
  const paths = new Set(tree.flatMap(({ path }) => [path, ...parents(path)]))
  return tree
    .filter(isMarkdown)
    .flatMap((file) =>
      linksOf(file).flatMap(({ target, line }) =>
        broken(tree, paths, file, target).map((says) => ({ path: file.path, line, says })),
      ),
    )
}

function broken(tree: Tree, paths: ReadonlySet<string>, file: File, target: string): readonly string[] {
  const [path = '', anchor] = target.split('#')
  const resolved = path === '' ? file.path : posix.join(posix.dirname(file.path), decodeURI(path)).replace(/\/$/, '')
  if (!paths.has(resolved)) return [`the link ${target} leads nowhere: there is no ${resolved}`]
  const page = tree.find((one) => one.path === resolved)
  if (anchor === undefined || page === undefined || !isMarkdown(page)) return []
  return anchorsOf(page).includes(anchor) ? [] : [`${resolved} has no heading #${anchor}`]
}

/** A heading that was there before gets a number: `the-cost`, `the-cost-1`. */
function anchorsOf(page: File): readonly string[] {
  const slugs = headings(page).map(({ title }) => slug(title))
  return slugs.map((one, index) => {
    const before = slugs.slice(0, index).filter((other) => other === one).length
    return before === 0 ? one : `${one}-${before}`
  })
}

/** Relative links only, pictures too; what lies on the web is not ours to check. */
function linksOf(file: File): readonly { readonly target: string; readonly line: number }[] {
  let fenced = false
  return file.text.split('\n').flatMap((text, index) => {
    if (/^\s*(```|~~~)/.test(text)) fenced = !fenced
    if (fenced) return []
    return [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)/g)]
      .map(([, inline, below]) => ({ target: inline ?? below ?? '', line: index + 1 }))
      .filter(({ target }) => !/^[a-z]+:/.test(target))
  })
}

const parents = (path: string) => {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** As code hosts make anchors of headings. */
const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
