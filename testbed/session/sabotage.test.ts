import type { PlantedBug } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { statusText } from '../face/status-text.ts'
import { topologySchema } from '../topology/schema.ts'
import { checkSameWish, type Wish } from './create.ts'
import type { TestbedRecord } from './record.ts'
import type { Status } from './status.ts'

const topology = topologySchema.parse({})
const wish: Wish = {
  name: 'broken',
  topology,
  runtime: 'process',
  images: 'auto',
  registryMirror: null,
  addresses: 'auto',
}
const record = (sabotage?: readonly PlantedBug[]): TestbedRecord => ({
  format: 1,
  version: '',
  name: 'broken',
  id: 'id',
  runtime: 'process',
  images: 'auto',
  registryMirror: null,
  mode: 'blocks',
  octets: {},
  portBase: 20_000,
  topology,
  createdAt: '2026-01-01T00:00:00Z',
  bootId: '',
  ...(sabotage && { sabotage }),
  grown: true,
})

describe('bugs planted in a testbed', () => {
  it('stay while nobody speaks of them, and are the same in whatever order they are named', () => {
    const planted = record(['no-fence', 'lying-lag'])
    expect(() => checkSameWish(planted, wish, true)).not.toThrow()
    expect(() => checkSameWish(planted, { ...wish, sabotage: ['lying-lag', 'no-fence'] }, true)).not.toThrow()
    expect(() => checkSameWish(record(), wish, true)).not.toThrow()
  })

  it.each<[string, readonly PlantedBug[] | undefined, readonly PlantedBug[]]>([
    ['another one', ['no-fence'], ['lying-lag']],
    ['one more', ['no-fence'], ['no-fence', 'lying-lag']],
    ['the first, in a testbed that is sound', undefined, ['no-fence']],
  ])('are not exchanged under data that was made without them: %s is refused', (_, planted, asked) => {
    expect(() => checkSameWish(record(planted), { ...wish, sabotage: asked }, true)).toThrow(
      expect.objectContaining({ code: 'EZ_OTHER_TOPOLOGY', message: expect.stringContaining('sabotage') }),
    )
  })

  it('are the first thing that `status` says, in red; a sound testbed says nothing of the kind', () => {
    const status: Status = {
      name: 'broken',
      runtime: 'process',
      state: 'ready',
      agent: 1,
      places: [],
      links: [],
      readyMs: null,
      criticalPath: [],
      diskBytes: 0,
      rebooted: false,
      sabotage: ['no-fence', 'lying-lag'],
    }
    const red = (text: string) => `<red>${text}</red>`
    expect(statusText(status, { red }).split('\n')[1]).toMatch(/^<red>SABOTAGED: no-fence, lying-lag\b.*<\/red>$/)
    expect(statusText({ ...status, sabotage: [] }, { red })).not.toContain('red')
  })
})
