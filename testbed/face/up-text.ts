import type { UpResult } from '../agent/verbs.ts'
import { pathsText } from './links-text.ts'
import type { Paint } from './paint.ts'
import { type Columns, statusText } from './status-text.ts'

/** What `up` tells at its end: what runs and when each was ready, what each path took, and what it all waited for. */
export function upText(result: UpResult, paint: Pick<Paint, 'red'>): string {
  if (result.operations === 0) return `${statusText(result, paint)}\nnothing to do: everything runs as it shall`
  return [
    statusText(result, paint, readyColumns(result)),
    '',
    pathsText(result.paths.filter((path) => path.link !== null)),
    '',
    `ready in ${seconds(result.readyMs ?? 0)}; critical path: ${result.criticalPath.join(' > ')}`,
  ].join('\n')
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

/** `ready after` counts from the begin of the plan, `took` from the start of that server. */
function readyColumns({ times }: UpResult): Columns {
  const timeOf = new Map(times.map((time) => [time.id, time]))
  return {
    head: ['ready after', 'took'],
    of: (specId) => {
      const time = timeOf.get(`start ${specId}`)
      return time === undefined ? [null, null] : [seconds(time.endMs), seconds(time.endMs - time.beginMs)]
    },
  }
}
