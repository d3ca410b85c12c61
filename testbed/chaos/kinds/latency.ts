import { EzoneError } from '@ezone/sdk/errors'
import type { FaultKind } from '../kind.ts'
import { changesOf, linksAt } from '../targets.ts'

export const latency: FaultKind = {
  name: 'latency',
  summary: 'Make a link slower, with jitter where wanted.',
  really:
    'Each way takes --latency longer, more or less --jitter, evenly spread, per chunk and in order: nothing is lost or ' +
    'overtaken, and jitter does not repeat from run to run. A connect is still answered at once, and the chunk that is on ' +
    'its way when the fault begins or ends is not delayed.',
  target: 'A-B: a link, or two zones',
  settings: ['latencyMs', 'jitterMs', 'direction'],
  plan({ target, direction: text, latencyMs, jitterMs = 0 }, blueprint) {
    if (latencyMs === undefined) throw new EzoneError('EZ_USAGE', 'latency wants --latency TIME')
    if (jitterMs > latencyMs) throw new EzoneError('EZ_USAGE', 'jitter cannot be more than the latency it is about')
    const how = { type: 'latency', latencyMs, jitterMs } as const
    const { changes, direction } = changesOf(linksAt(target, blueprint), text, how, blueprint)
    return { plan: { links: changes, specs: [] }, direction }
  },
}
