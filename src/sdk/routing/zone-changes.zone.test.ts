import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ScriptedGzs } from '../../../testbed/testing/scripted-gzs.ts'
import { Metrics } from '../index.ts'
import { type RoutingTable, systemClock } from '../model/index.ts'
import { TableSubscription } from './table-subscription.ts'
import { ZoneChanges } from './zone-changes.ts'

const gzsAddress = { host: '127.57.0.1', port: 7100 }
const first: RoutingTable = {
  version: 5,
  shards: [
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 1 },
    { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 },
  ],
  cells: [
    [1, 31],
    [2, 11],
  ],
}

it('a service hears over the wire which shards its zone gains and loses, in order, each time counted', async () => {
  await using ground = new AsyncDisposableStack()
  const gzs = ground.use(await ScriptedGzs.start(gzsAddress, first))
  const stateDir = await mkdtemp(join(tmpdir(), 'ezone-changes-'))
  ground.defer(() => rm(stateDir, { recursive: true, force: true }))
  const end = new AbortController()
  ground.defer(() => end.abort())
  const peers = { gzs: [{ ...gzsAddress, place: 'bj', zone: 'bj' }] }
  const config = { service: 'orders', instance: 1, place: 'bj', zone: 'bj', peers, stateDir }
  const log = { info: () => {}, warn: () => {} }
  const table = await TableSubscription.start({ config, log, clock: systemClock, signal: end.signal })

  const metrics = new Metrics({})
  const told = metrics.counter('ezone_zone_changes_total', 'Hooks told of a shard gained or lost.')
  using changes = new ZoneChanges({ table, zone: 'bj', log, told, signal: end.signal })
  const heard: string[] = []
  for (const name of ['cache', 'dispatch'])
    changes.onZoneChange(name, ({ shard, owned, from, to }) => {
      heard.push(`${name} ${owned ? `gains ${shard} from ${from}` : `loses ${shard} to ${to}`}`)
    })
  const soon = async (...lines: readonly string[]) => {
    await expect.poll(() => heard, { timeout: 20_000, interval: 20 }).toEqual(lines)
    heard.length = 0
  }
  await soon('cache gains 11 from null', 'dispatch gains 11 from null')
  gzs.change(31, { zone: 'bj' })
  await soon('cache gains 31 from sh', 'dispatch gains 31 from sh')
  gzs.change(11, { zone: 'sh' })
  await soon('dispatch loses 11 to sh', 'cache loses 11 to sh')
  expect(metrics.text()).toContain('ezone_zone_changes_total{hook="dispatch",outcome="done"} 3')
})
