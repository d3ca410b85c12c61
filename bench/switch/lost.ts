import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DrillResult } from '../../testbed/drills/drill.ts'
import { mustBe } from '../../tools/proof.ts'
import { Whole } from '../../tools/prove/whole.ts'
import { atMost, busy, type Measured, merely } from '../plane/figures.ts'

export interface Lost {
  readonly what: string
  readonly fault: 'power-loss' | 'isolate'
  readonly policy: 'available' | 'strict'
  /** Seconds. */
  readonly rtoMax: number
}

/** A zone is lost and at once taken over, under load: how long its shards were not served, by the judgement of a drill. */
export async function lostZone({ what, fault, policy, rtoMax }: Lost): Promise<Measured> {
  const before = busy()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-'))
  const file = join(folder.path, 'lost.yaml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario(fault)))
  await using whole = await Whole.upWith({ policy })
  const { data, error } = await whole.cli.run('drill', 'run', file)
  const { verdict, claims = [], rtoMs = null, rpoOrders = [], seed } = (data ?? {}) as Partial<DrillResult>
  mustBe(verdict !== undefined && verdict !== 'unknown', `no verdict: ${error?.message}`)
  const wrong = claims.filter((claim) => claim.verdict === 'invalid').map(({ name }) => name)
  return {
    figures: [
      atMost(`${what}: until its clients were served again`, (rtoMs ?? Number.POSITIVE_INFINITY) / 1_000, 's', rtoMax),
      atMost(`${what}: claims that did not hold`, wrong.length, '', 0),
      merely(`${what}: acknowledged orders missing until it came back`, rpoOrders.length, ''),
    ],
    load: [before, busy()],
    notes: { policy, fault, seed, wrong },
  }
}

const scenario = (kind: Lost['fault']) => ({
  name: 'lost',
  title: 'A zone is lost and taken over',
  hypothesis: 'Its clients are served by the other zone.',
  load: { opsPerSecond: 60, for: '60s' },
  timeline: [
    { at: '10s', fault: { kind, target: '$lost', for: '40s' } },
    { at: '10s', switch: { from: '$lost', to: '$other', mode: 'hard' } },
  ],
  allow: { grade: 'P1', lossWindow: '10s' },
  settle: '60s',
})
