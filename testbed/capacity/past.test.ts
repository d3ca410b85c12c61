import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepCapacity, pastCapacities, trendOf } from './past.ts'
import type { PastCapacity } from './result.ts'

const one: PastCapacity = {
  ...{ at: '2026-11-22T04:00:00.000Z', testbed: 'default', runtime: 'process', machineCpus: 2, mix: 'place=100' },
  ...{ saturatesAtQps: 300, weakestHop: 'bj/orders', weakestQps: 700, msPerRequest: 6 },
}

describe('what is kept of capacity runs', () => {
  it('is read again in its order, and leaves nothing half-written beside it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'capacity-'))
    const state = join(folder.path, 'state')
    await keepCapacity(state, one)
    await keepCapacity(state, { ...one, saturatesAtQps: 310 })
    expect((await pastCapacities(state)).map(({ saturatesAtQps }) => saturatesAtQps)).toEqual([300, 310])
    expect(await readdir(state)).toEqual(['capacity.ndjson'])
  })

  it('is not lost with a line that cannot be read', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'capacity-'))
    await writeFile(join(folder.path, 'capacity.ndjson'), `${JSON.stringify(one)}\n{"at":`)
    expect(await pastCapacities(folder.path)).toEqual([one])
  })

  it('stays as it was where it cannot be written', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'capacity-'))
    await keepCapacity(folder.path, one)
    // A folder where the new file would be: as good as a disk that takes nothing.
    await mkdir(join(folder.path, 'capacity.ndjson.new'))
    await expect(keepCapacity(folder.path, one)).rejects.toMatchObject({ code: 'EZ_STATE_UNREADABLE' })
    expect(JSON.parse(await readFile(join(folder.path, 'capacity.ndjson'), 'utf8'))).toEqual(one)
  })

  it('is compared with runs of its own kind alone', () => {
    const others = [
      { ...one, machineCpus: 8 },
      { ...one, runtime: 'docker' },
      { ...one, mix: 'place=1,show=1' },
    ]
    const past = [...others, ...Array.from({ length: 12 }, (_, i) => ({ ...one, saturatesAtQps: i }))]
    const trend = trendOf(past, one)
    expect(trend.map(({ saturatesAtQps }) => saturatesAtQps)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 300])
  })
})
