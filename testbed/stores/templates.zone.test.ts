import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import { folders } from '../surroundings/folders.ts'
import { prepareTemplates } from './registry.ts'

let homes: ReadonlyMap<ServerKind, ServerHome>
let cache: string

beforeAll(async () => {
  const signal = AbortSignal.timeout(150_000)
  homes = await provide(['mysql', 'java', 'kafka', 'zookeeper'], { cacheDir: folders().cache, signal })
  cache = await mkdtemp(join(tmpdir(), 'ezone-templates-'))
})
afterAll(() => rm(cache, { recursive: true, force: true }))

const templates = () => readdir(join(cache, 'templates')).catch(() => [])
const soon = () => AbortSignal.timeout(90_000)

/** Command lines of living processes that hold this text. */
async function processesNaming(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(text)).map((line) => line.replaceAll('\0', ' '))
}

describe('templates', () => {
  it('leave nothing half made when their making is called off', async () => {
    for (const afterMs of [0, 150, 700, 1_500]) {
      const called = new AbortController()
      const made = prepareTemplates(homes, cache, called.signal, () => {})
      const outcome = expect(made).rejects.toThrow('called off')
      await sleep(afterMs)
      called.abort(new Error('called off'))
      await outcome
      expect((await templates()).filter((name) => /half|work|lock/.test(name))).toEqual([])
    }
  })

  it('leave no process behind when whoever makes them is killed, and nothing that is in the way', async () => {
    const registry = join(import.meta.dirname, 'registry.ts')
    const program = `const { prepareTemplates } = await import(${JSON.stringify(registry)})
      const homes = new Map(${JSON.stringify([...homes])})
      await prepareTemplates(homes, ${JSON.stringify(cache)}, new AbortController().signal, () => {})`
    for (const afterMs of [600, 2_000]) {
      const child = execa(process.execPath, ['--conditions=ezone-source', '--input-type=module', '-e', program], {
        reject: false,
      })
      await sleep(afterMs)
      child.kill('SIGKILL')
      await child
      await expect.poll(() => processesNaming(cache), { timeout: 3_000 }).toEqual([])
    }
  })

  it('are made once, however many want them at the same time', async () => {
    const lines: string[] = []
    const wanted = Array.from({ length: 3 }, () => prepareTemplates(homes, cache, soon(), (line) => lines.push(line)))
    const [first, ...others] = await Promise.all(wanted)
    for (const other of others) expect(other).toEqual(first)
    expect(new Set(lines).size).toBe(lines.length)
    expect(await templates()).toHaveLength(4) // Also none of what the killed ones left.
    for (const path of [first?.archives.kafka, first?.archives.zookeeper])
      expect((await stat(path ?? '')).size).toBeGreaterThan(2 ** 20)
  })

  it('are found again without a word', async () => {
    const lines: string[] = []
    await prepareTemplates(homes, cache, soon(), (line) => lines.push(line))
    expect(lines).toEqual([])
  })

  it('hold no account, key, identity or binlog of a MySQL', async () => {
    const { mysql } = await prepareTemplates(homes, cache, soon(), () => {})
    const files = await readdir(mysql)
    expect(files).toContain('mysql.ibd')
    expect(files.filter((name) => /\.pem$|^auto\.cnf$|^binlog/.test(name))).toEqual([])
  })

  it('do without class-data archives where none can be made, and say so', async () => {
    const lines: string[] = []
    const none = new Map(homes).set('zookeeper', { ...(homes.get('zookeeper') as ServerHome), jars: [] })
    const { archives } = await prepareTemplates(none, cache, soon(), (line) => lines.push(line))
    expect(archives.zookeeper).toBeNull()
    expect(lines.at(-1)).toMatch(/^no class-data archive for zookeeper-/)
  })
})
