import { expect, it } from 'vitest'
import { waysIn } from './ways-in.ts'

const signal = new AbortController().signal
/** North of the Yangtze is bj's. */
const explain = async (tag: string) => {
  const [lat = 0] = tag.replace('geo=', '').split(',').map(Number)
  return { zone: lat > 32 ? 'bj' : 'sh' } as never
}

it('the way into a zone is a great city that a router says it serves now', async () => {
  const ways = await waysIn({ explain }, ['bj', 'sh'], signal)
  expect(ways.map(({ zone }) => zone)).toEqual(['bj', 'sh'])
  for (const { zone, tag } of ways) expect(await explain(tag)).toEqual({ zone })
})

it('a zone that serves nothing has none', async () => {
  expect(await waysIn({ explain: async () => ({ zone: 'bj' }) as never }, ['bj', 'sh'], signal)).toMatchObject([
    { zone: 'bj' },
  ])
})
