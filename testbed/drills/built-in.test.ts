import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { readManifests } from '../topology/manifests.ts'
import { builtInNames, builtIns, scenarioText } from './built-in.ts'
import { rolesOf } from './roles.ts'
import { parseScenario } from './scenario.ts'

const names = await builtInNames()
const manifests = await readManifests()
const two = defaultBlueprint({ manifests })
const three = defaultBlueprint({
  manifests,
  yaml: { zones: [{ name: 'north' }, { name: 'south', idcs: ['s1', 's2'] }, { name: 'west' }] },
})

it('are the twelve that are promised', () => {
  expect(names).toEqual([
    ...['clock-skew', 'entry-lost', 'evacuate', 'failback', 'flapping', 'gzs-gone', 'idc-inside', 'lag-then-loss'],
    ...['partition', 'partition-at-dinner', 'split-brain', 'zone-lost'],
  ])
})

describe.each(names)('%s', (name) => {
  it.each([two, three])('fits a topology, whoever is lost ($zones.length zones)', async (blueprint) => {
    const { text, file } = await scenarioText(name, '/')
    for (const { name: lost } of blueprint.zones) {
      const scenario = parseScenario(text, { file, blueprint, claims: [], roles: rolesOf(blueprint, lost) })
      expect(scenario.name).toBe(name)
      expect(JSON.stringify(scenario)).not.toContain('$')
    }
  })

  it('is over in less than three minutes, the waiting for equal zones included', async () => {
    const scenario = (await builtIns()).find((one) => one.name === name)
    const readyAndJudgeMs = 30_000
    expect((scenario?.load.for ?? 0) + (scenario?.settle ?? 0) + readyAndJudgeMs).toBeLessThanOrEqual(180_000)
  })
})

describe('a drill that is asked for', () => {
  it('may be a file', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'drill-'))
    await writeFile(join(folder.path, 'mine.yaml'), 'name: mine\n')
    expect(await scenarioText('mine.yaml', folder.path)).toEqual({ file: 'mine.yaml', text: 'name: mine\n' })
    await writeFile(join(folder.path, 'big.yaml'), '#'.repeat(300_000))
    await expect(scenarioText('./big.yaml', folder.path)).rejects.toMatchObject({ code: 'EZ_SCENARIO_INVALID' })
    await expect(scenarioText('./none.yaml', folder.path)).rejects.toMatchObject({ code: 'EZ_UNKNOWN_DRILL' })
  })

  it('is suggested where the word is nearly one', async () => {
    await expect(scenarioText('partitoin', '/')).rejects.toThrow('did you mean partition?')
  })
})
