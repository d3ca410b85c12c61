import { describe, expect, it } from 'vitest'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { takenDoors } from './preflight.ts'

const blueprint = defaultBlueprint()
const at = (host: string, port: number) => ({ host, port, inode: '1', uid: 0 })

describe('doors that are taken', () => {
  it('are those where somebody listens on the very address', () => {
    const taken = takenDoors(blueprint, blueprint.specs, [at('127.10.0.1', 3306), at('127.0.0.1', 3306)])
    expect(taken.map((t) => t.door)).toEqual(['bj/mysql'])
  })

  it('are all doors of a port that somebody holds on every address', () => {
    const taken = takenDoors(blueprint, blueprint.specs, [at('0.0.0.0', 6379)])
    expect(taken.map((t) => t.door).sort()).toEqual([
      'bj/redis',
      'bj>sh.redis.client',
      'sh/redis',
      'sh>bj.redis.client',
    ])
  })

  it('do not count for specs that run already', () => {
    expect(takenDoors(blueprint, [], [at('127.10.0.1', 3306)])).toEqual([])
  })
})
