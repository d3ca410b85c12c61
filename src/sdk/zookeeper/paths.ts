import { ZookeeperError } from './errors.ts'

/**
 * Refuses what a server would refuse, and what it would not but nobody means: `/a//b`, `/a/`, `a`, `/./a`.
 * @throws BAD_ARGUMENTS
 */
export function checkPath(path: string): void {
  const parts = path.split('/')
  const fine =
    path === '/' ||
    (parts[0] === '' &&
      parts.length > 1 &&
      parts.slice(1).every((part) => part !== '' && part !== '.' && part !== '..' && !hasControls(part)))
  if (!fine) throw new ZookeeperError('BAD_ARGUMENTS', `${JSON.stringify(path)} is no path of a node`, { path })
}

const hasControls = (part: string) => /[\p{Cc}\p{Cs}\uF000-\uF8FF\uFFF0-\uFFFF]/u.test(part)

/** `/a/b/c` -> `/a`, `/a/b`. */
export function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

/** Whether a path is this one or below it. */
export const isWithin = (path: string, root: string): boolean =>
  root === '/' || path === root || path.startsWith(`${root}/`)
