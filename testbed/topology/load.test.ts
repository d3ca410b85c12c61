import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTopology } from './load.ts'
import { topologySchema } from './schema.ts'

const shares = [
  { shard: '11', people: 22, home: 'bj' },
  { shard: '31', people: 25, home: 'sh' },
  { shard: '44', people: 126, home: 'sh' },
]

describe('the topology of a folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ezone-load-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const write = (name: string, text: string) => writeFile(join(folder, name), text)

  it('is the default where there is no file', async () => {
    expect(await loadTopology({ folder, shares })).toEqual({
      topology: topologySchema.parse({}),
      file: null,
      defaultShards: { 11: 'bj', 31: 'sh', 44: 'sh' },
    })
  })

  it('is its ezone.yaml', async () => {
    await write('ezone.yaml', 'shards: { 44: bj }')
    const loaded = await loadTopology({ folder, shares })
    expect(loaded.file).toBe(join(folder, 'ezone.yaml'))
    expect(loaded.defaultShards).toEqual({ 11: 'bj', 31: 'sh', 44: 'bj' })
  })

  it('is the file that was named, and its name stands in the problems', async () => {
    await write('three.yaml', 'zones: [{ name: bj }, { name: sh }, { name: gz }]')
    expect((await loadTopology({ folder, file: 'three.yaml', shares })).topology.zones).toHaveLength(3)
    await write('wrong.yaml', 'zone: 1')
    await expect(loadTopology({ folder, file: 'wrong.yaml', shares })).rejects.toMatchObject({
      code: 'EZ_TOPOLOGY_INVALID',
      message: expect.stringContaining('\nwrong.yaml:1:1 zone: '),
    })
  })

  it('is refused where the named file is not there, is a folder, or is no text of a sane size', async () => {
    await expect(loadTopology({ folder, file: 'none.yaml', shares })).rejects.toMatchObject({
      code: 'EZ_TOPOLOGY_INVALID',
      message: expect.stringContaining('none.yaml cannot be read'),
    })
    await expect(loadTopology({ folder, file: '.', shares })).rejects.toMatchObject({ code: 'EZ_TOPOLOGY_INVALID' })
    await write('huge.yaml', `# ${'x'.repeat(1024 * 1024)}`)
    await expect(loadTopology({ folder, file: 'huge.yaml', shares })).rejects.toMatchObject({
      code: 'EZ_TOPOLOGY_INVALID',
      message: expect.stringContaining('is not read'),
    })
  })

  it('is refused where the file stands under the wrong name, instead of being ignored', async () => {
    await write('ezone.yml', 'zones: [{ name: gz }]')
    await expect(loadTopology({ folder, shares })).rejects.toMatchObject({
      code: 'EZ_TOPOLOGY_INVALID',
      hint: expect.stringContaining('Rename it to ezone.yaml'),
    })
  })
})
