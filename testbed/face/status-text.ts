import type { OpenFault, SpecStatus, Status } from '../session/status.ts'
import type { Paint } from './paint.ts'
import { bytesText, table } from './table.ts'

/** Columns beside the usual ones. */
export interface Columns {
  readonly head: readonly string[]
  readonly of: (specId: string) => readonly (string | null)[]
}

const noColumns: Columns = { head: [], of: () => [] }

/** The status as a person reads it: state first, then places, then links. */
export function statusText(status: Status, { red }: Pick<Paint, 'red'>, more: Columns = noColumns): string {
  const rows = status.places.flatMap((place) =>
    [...place.servers, ...place.services].map((spec) => [
      place.name,
      spec.name,
      spec.address,
      stateText(spec),
      spec.version,
      ...more.of(`${place.name}/${spec.name}`),
    ]),
  )
  const developed = (status.dev ?? []).map(({ name, place, address, pid }) => [
    place,
    `${name} (dev)`,
    address,
    `pid ${pid}`,
    null,
  ])
  return [
    `${status.name}: ${status.state} (runtime ${status.runtime}, ${bytesText(status.diskBytes)} on disk)`,
    ...(status.sabotage.length > 0
      ? [red(`SABOTAGED: ${status.sabotage.join(', ')}. Its services do wrong on purpose, until \`ezone down\``)]
      : []),
    ...(status.faults ?? []).map((fault) => red(faultText(fault))),
    ...(status.agent === null && status.state !== 'stopped' && status.state !== 'absent'
      ? ['no agent lives: nothing is supervised, faults do not end by themselves; `ezone up` brings one back']
      : []),
    ...(status.rebooted ? ['the machine was booted since; `ezone start` brings it back with its data'] : []),
    '',
    table(['place', 'server', 'address', 'state', 'version', ...more.head], [...rows, ...developed]),
    '',
    table(
      ['link', 'rtt', 'state'],
      status.links.map((link) => [link.name, `${link.askedRttMs} ms`, link.state]),
    ),
  ].join('\n')
}

function faultText({ id, kind, target, endsInMs }: OpenFault): string {
  const end = endsInMs > 0 ? `ends in ${Math.ceil(endsInMs / 1000)} s` : 'should have ended; `ezone chaos heal` ends it'
  return `FAULT ${id}: ${kind} ${target}, ${end}`
}

function stateText(spec: SpecStatus): string {
  if (spec.state !== 'running') return spec.state
  return spec.container === null ? `pid ${spec.pid ?? '?'}` : spec.container.slice(0, 12)
}
