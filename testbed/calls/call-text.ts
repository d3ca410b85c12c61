import { table } from '../face/table.ts'
import type { CallAnswer } from './call.ts'

/** The way a call took and what each had of its time, as a person reads it. */
export function callText({ method, from, zone, shard, epoch, rule, path, answer }: CallAnswer): string {
  const crossed = zone === from ? 'answered at home' : `answered in ${zone}`
  return [
    `${method} from ${from}: ${crossed} (shard ${shard}, epoch ${epoch}, by ${rule})`,
    '',
    table(
      ['hop', 'place', 'ms', 'own ms'],
      path.map((hop) => [hop.name, hop.place, hop.ms, hop.ownMs]),
    ),
    '',
    JSON.stringify(answer, null, 2),
  ].join('\n')
}
