import { EzoneError } from '@ezone/sdk/errors'
import type { FaultKind } from '../kind.ts'
import { changesOf, linksAt } from '../targets.ts'

/** Members of the ensemble that miss each other for 1.5 s dial anew, and a stalled proxy whose clients do that hangs. */
const stallMsMax = 1_400

export const partition: FaultKind = {
  name: 'partition',
  summary: 'Cut a link, or all between two zones.',
  really:
    'drop swallows bytes: what is on the way is lost, a new connection is accepted and hears nothing, and every ' +
    'connection that lived through it is closed at its end, as after any cut longer than the patience of TCP. ' +
    'stall holds bytes back and loses none, for leases shorter than any client is patient. ' +
    'refuse closes what there is and refuses what comes, as a dead server does. One way means bytes: no question is ' +
    'answered then in either direction.',
  target: 'A-B: a link, or two zones',
  settings: ['direction', 'mode'],
  leaseMsMax: ({ mode }) =>
    mode === 'stall'
      ? { ms: stallMsMax, why: 'clients that give up and dial anew would hang the stalled proxies for good' }
      : null,
  plan({ target, direction: text, mode = 'drop' }, blueprint) {
    if (mode === 'refuse' && text !== undefined)
      throw new EzoneError('EZ_USAGE', 'a link that refuses does so both ways: leave --direction out')
    const { changes, direction } = changesOf(linksAt(target, blueprint), text, { type: mode }, blueprint)
    return { plan: { links: changes, specs: [] }, direction }
  },
}
