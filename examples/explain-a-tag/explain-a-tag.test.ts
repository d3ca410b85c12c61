import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packId, TableIndex } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { explainTag } from './explain-a-tag.ts'
import { deciderOn, firstTable, groundHere, tableFrom } from './ground.ts'

const ground = await groundHere()
const decider = deciderOn(ground)
const table = firstTable(ground)
const shanghai = packId({ seconds: 1, cell: 1, zone: 2, writer: 3, sequence: 4 })

describe('a tag is explained', () => {
  it.each([
    ['geo=31.23,121.47', 'to sh: cell 1 belongs to shard 31 (Shanghai), epoch 1, by geo'],
    ['geo=39.9,116.4', /^to bj: cell \d+ belongs to shard 11 \(Beijing\), epoch 1, by geo$/],
    ['geo=24.45,118.08', /shard 35 \(Fujian\), epoch 1, by geo-nearest-fence, rather than Guangdong or Jiangxi$/],
    [`geo=39.9,116.4; order=${shanghai}`, 'to sh: cell 1 belongs to shard 31 (Shanghai), epoch 1, by order'],
  ])('%s', (tag, says) => {
    expect(explainTag(tag, decider, table)).toMatch(says)
  })

  it('by the table as it is now: what has moved goes elsewhere', () => {
    const moved = table.table.shards.map((entry) => (entry.shard === 31 ? { ...entry, zone: 'bj', epoch: 7 } : entry))
    const printed = JSON.stringify({ ok: true, data: { ...table.table, version: 7, shards: moved } })
    expect(explainTag('geo=31.23,121.47', decider, tableFrom(printed))).toMatch(/^to bj: .* epoch 7, by geo$/)
    expect(tableFrom(printed)).toBeInstanceOf(TableIndex)
  })

  it('or refused, where it is none', () => {
    expect(() => explainTag('geo=91,0', decider, table)).toThrow(expect.objectContaining({ code: 'EZ_BAD_TAG' }))
    expect(() => tableFrom('{"ok": false}')).toThrow()
  })

  it('on a command line', async () => {
    const main = join(import.meta.dirname, 'main.ts')
    const running = promisify(execFile)(process.execPath, ['--conditions=ezone-source', main, 'geo=31.23,121.47'])
    running.child.stdin?.end()
    expect((await running).stdout).toBe(
      'geo=31.23,121.47 goes to sh: cell 1 belongs to shard 31 (Shanghai), epoch 1, by geo\n',
    )
  })
})
