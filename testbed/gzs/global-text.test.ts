import { globalStatusSchema } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { globalOfSwitchText } from './global-of-switch.ts'
import { globalMovedText, globalStatusText } from './global-text.ts'

const ack = { epoch: 3, executed: null, drained: 0, atMs: 1 }
const keptAside = { gtids: 'u:7-8', rows: 2, file: '/state/kept.ndjson', atMs: 1 }
const status = globalStatusSchema.parse({
  zone: { master: 'sh', epoch: 3, covered: true },
  acks: {
    bj: { ...ack, role: 'replica', following: false, trouble: '', keptAside },
    sh: { ...ack, role: 'master', following: true, trouble: '', keptAside: null },
  },
})

describe('the Global Zone, in words', () => {
  it('says who the master is, what an acknowledgement means now, who does not follow, and what was put aside', () => {
    expect(globalStatusText(status).split('\n')).toEqual([
      'master sh, epoch 3, ACTIVE; every write is in every zone before it is acknowledged',
      '  bj    replica, does not follow: no link under epoch 3; had u:7-8, which the master never saw: 2 rows put aside in /state/kept.ndjson',
      '  sh    master under epoch 3',
    ])
    const alone = { ...status, zone: { ...status.zone, covered: false } }
    expect(globalStatusText(alone)).toContain('acknowledged by the master alone')
  })

  it('promises that nothing is lost only where it is so', () => {
    const moved = { from: 'bj', to: 'sh', mode: 'hard', id: 'm', joined: false, epoch: 3, steps: [], gapMs: 9 } as const
    expect(globalMovedText({ ...moved, covered: true })).toContain('nothing acknowledged is lost')
    expect(globalMovedText({ ...moved, covered: false })).toContain('what bj acknowledged alone is lost')
    expect(globalMovedText({ ...moved, mode: 'planned', covered: false })).toContain('nothing acknowledged is lost')
    const gone = { outcome: 'moved', gapMs: 9, reason: null } as const
    expect(globalOfSwitchText({ ...gone, covered: false }, 'bj', 'sh')[0]).toContain('acknowledged alone is lost')
    expect(globalOfSwitchText({ ...gone, covered: true }, 'bj', 'sh')[0]).not.toContain('lost')
    expect(globalOfSwitchText(null, 'bj', 'sh')).toEqual([])
  })
})
