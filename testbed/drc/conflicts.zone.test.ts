import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DrcGround } from '../testing/drc-ground.ts'
import { conflictsText, findConflicts, requireHeard } from './conflicts.ts'
import { drcDoors } from './find-drc.ts'
import { verifySources } from './verify/find-verify.ts'
import { patienceOf, verify } from './verify/verify.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 88, sh: 89, gz: 90, edge: 91 })
  await ground.table(
    'shop.orders',
    'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, note VARCHAR(40)',
  )
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const compare = (...zones: readonly string[]) => {
  const signal = AbortSignal.timeout(60_000)
  const sources = verifySources(ground.platform.ground, zones, { clock: systemClock, signal })
  return verify({ ...sources, patience: patienceOf(20_000) })
}
const conflicts = (table?: string, key?: string) => {
  const doors = drcDoors(ground.platform.ground.blueprint)
  return findConflicts(doors, { table, key, limit: 100 }, AbortSignal.timeout(30_000))
}

it('tells what lost in three zones that wrote the same rows unheard, and that they are equal then', async () => {
  for (const zone of ground.zones) await ground.run(zone, 'INSERT INTO shop.orders (id, note) VALUES (1, ?)', [zone])
  await ground.run('bj', "INSERT INTO shop.orders (id, note) VALUES (2, 'alone')")
  expect((await conflicts()).silent).toEqual(['bj', 'sh', 'gz'])
  await ground.start()
  await ground.caughtUp()
  expect(await compare()).toMatchObject({ equal: true, zones: ['bj', 'sh', 'gz'] })
  const found = await conflicts('shop.orders', '1')
  expect(new Set(found.conflicts.map(({ loserImage }) => loserImage?.note))).toEqual(new Set(['bj', 'sh']))
  expect(Object.keys(found.total).toSorted()).toEqual(['bj', 'gz', 'sh'])
  const inGz = found.conflicts.filter(({ zone, loser }) => zone === 'gz' && loser === 'incoming')
  expect(inGz.map(({ winner }) => winner?.note)).toEqual(['gz', 'gz'])
  expect(conflictsText(found)).toContain('note gz, not bj')
  expect(await conflicts('shop.orders', '2')).toMatchObject({ conflicts: [], total: { bj: 0, sh: 0, gz: 0 } })
})

it('names the one zone of three that has a row otherwise, and compares two where two are asked for', async () => {
  const gz = await ground.open('gz')
  await gz.query('SET SESSION sql_log_bin = 0')
  await gz.query("UPDATE shop.orders SET note = 'planted' WHERE id = 2")
  gz.destroy()
  const report = await compare()
  expect(report).toMatchObject({ equal: false, differences: [{ table: 'shop.orders', key: { id: '2' } }] })
  const note = report.differences[0]?.columns.find(({ name }) => name === 'note')
  expect(note?.values).toEqual({ bj: 'alone', sh: 'alone', gz: 'planted' })
  expect(await compare('bj', 'sh')).toMatchObject({ equal: true, zones: ['bj', 'sh'] })
  await expect(async () => compare('bj')).rejects.toMatchObject({ code: 'EZ_USAGE' })
  await expect(async () => compare('bj', 'hz')).rejects.toMatchObject({ code: 'EZ_UNKNOWN_PLACE' })
})

it('does not take a zone that nobody tells of for one without conflicts', async () => {
  await ground.platform.program('gz', 'drc').kill()
  const found = await conflicts()
  expect(found.silent).toEqual(['gz'])
  expect(() => requireHeard(found)).toThrow(expect.objectContaining({ code: 'EZ_NOT_RUNNING' }))
})
