import { describe, expect, it } from 'vitest'
import { folderOf, nameProblem, requireName } from './names.ts'
import { platformServices } from './new-service.ts'

const platform = ['orders', 'router']

describe('the name of a new service', () => {
  it.each(['a', 'demo', 'order-notes', 'v2', 'a1-b2-c3', 'x'.repeat(30)])('may be %s', (name) => {
    expect(nameProblem(name, platform)).toBeUndefined()
  })

  it.each(['', 'Demo', '2nd', 'a_b', 'a--b', '-a', 'a-', 'a b', '../a', 'a/b', 'ä', 'x'.repeat(31)])(
    'is refused as none: %j',
    (name) => {
      expect(() => requireName(name, platform)).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
    },
  )

  it.each(['orders', 'router', 'mysql', 'kafka', 'delivery', 'ezone-drc'])('is refused as taken: %s', (name) => {
    expect(() => requireName(name, platform)).toThrow(expect.objectContaining({ code: 'EZ_NAME_TAKEN' }))
  })

  it('is looked for among the services that this very platform has', async () => {
    expect(await platformServices()).toEqual(expect.arrayContaining(['orders', 'router', 'gzs', 'legacy']))
  })
})

describe('the folder of a new service', () => {
  it.each([
    [undefined, '/here/demo'],
    ['sub/mine', '/here/sub/mine'],
    ['../mine', '/mine'],
    ['/else/where', '/else/where'],
  ])('given as %s is %s', (dir, folder) => {
    expect(folderOf('demo', dir, '/here')).toBe(folder)
  })
})
