import { EzoneError } from '@ezone/sdk/errors'
import type { FaultKind } from '../kind.ts'
import { instancesAt, specsAt } from '../targets.ts'

export const clockSkew: FaultKind = {
  name: 'clock-skew',
  summary: "Set a service's clock wrong.",
  really:
    'The service is restarted, politely, with a clock that is --by ahead of the machine (negative: behind), and restarted ' +
    'again with the right one when the lease ends. Only services of the platform: the clocks of MySQL, Kafka and the ' +
    'other servers are those of the machine, and so are monotonic clocks.',
  target: 'ZONE/SERVICE, or SERVICE for all of them',
  settings: ['byMs'],
  plan({ target, byMs }, blueprint) {
    if (byMs === undefined || byMs === 0) throw new EzoneError('EZ_USAGE', 'clock-skew wants --by TIME, such as 500ms')
    const specs = target.includes('/') ? specsAt(target, blueprint) : instancesAt(target, 'all', blueprint)
    const server = specs.find(({ kind }) => kind !== 'service')
    if (server)
      throw new EzoneError('EZ_USAGE', `${server.id} is no service of the platform: its clock is the machine's`)
    return {
      plan: { links: [], specs: specs.map(({ id }) => ({ spec: id, how: 'skew', offsetMs: byMs })) },
      direction: null,
    }
  },
}
