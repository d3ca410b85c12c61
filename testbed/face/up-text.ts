import type { UpResult } from '../agent/verbs.ts'
import { pathsText } from './links-text.ts'
import { statusText } from './status-text.ts'

/** What `up` tells at its end: outcome first, then how it came about. */
export function upText(result: UpResult): string {
  if (result.operations === 0) return `${statusText(result)}\nnothing to do: everything runs as it shall`
  return [
    statusText(result),
    '',
    pathsText(result.paths.filter((path) => path.link !== null)),
    '',
    `ready in ${((result.readyMs ?? 0) / 1000).toFixed(1)} s; critical path: ${result.criticalPath.join(' > ')}`,
  ].join('\n')
}
