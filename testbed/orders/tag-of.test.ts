import { describe, expect, it } from 'vitest'
import { tagOf } from './tag-of.ts'

const usage = expect.objectContaining({ code: 'EZ_USAGE', oclif: { exit: 2 } })

describe('what a person says of where an order belongs', () => {
  it('becomes the tag that the router decides by', async () => {
    expect(await tagOf({ city: 'Shanghai' })).toBe('geo=31.2165,121.4365')
    expect(await tagOf({ loc: ' 31.23, 121.47' })).toBe('geo=31.23,121.47')
    expect(await tagOf({ order: '127913961550135296' })).toBe('order=127913961550135296')
    expect(await tagOf({ tag: 'geo=1,2;user=127913961550135296' })).toBe('user=127913961550135296; geo=1,2')
  })

  it.each([
    [{ loc: '99,1' }, 'not a position'],
    [{ loc: 'Shanghai' }, 'not a position'],
    [{ loc: '1,2; order=127913961550135296' }, 'not a position'],
    [{ order: 'abc' }, 'not the id of an order'],
    [{ order: '1;geo=1,2' }, 'not the id of an order'],
    [{ tag: 'shard=31' }, 'not a kind of tag'],
  ])('is a usage error when it is %j', async (where, why) => {
    await expect(tagOf(where)).rejects.toEqual(usage)
    await expect(tagOf(where)).rejects.toThrow(why)
  })

  it('tells an unknown city by its own code', async () => {
    await expect(tagOf({ city: 'Atlantis' })).rejects.toMatchObject({ code: 'EZ_UNKNOWN_CITY' })
  })
})
