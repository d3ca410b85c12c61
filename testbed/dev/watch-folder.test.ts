import { mkdir, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { FolderWatch, isWatched } from './watch-folder.ts'

describe('a watched folder', () => {
  it.each(['main.ts', 'src', 'package.json', 'service.py'])('tells of %s', (name) => {
    expect(isWatched(name)).toBe(true)
  })
  it.each(['.git', '.main.ts.swp', 'node_modules', '__pycache__', 'a.pyc', 'out.log', 'main.ts~', 'a.tmp'])(
    'does not tell of %s',
    (name) => {
      expect(isWatched(name)).toBe(false)
    },
  )

  it('tells what was written once it rests, also in folders made later, and nothing of what is skipped', async () => {
    await using at = await mkdtempDisposable(join(tmpdir(), 'watch-'))
    const file = (...path: readonly string[]) => join(at.path, ...path)
    await mkdir(file('src'))
    await mkdir(file('node_modules'))
    const told: (readonly string[])[] = []
    const trouble: string[] = []
    using _ = await FolderWatch.start(at.path, {
      onChange: (files) => told.push(files),
      onTrouble: (text) => trouble.push(text),
    })
    await writeFile(file('src', 'a.ts'), '1')
    await writeFile(file('src', 'a.ts'), '2')
    await writeFile(file('b.ts'), '1')
    await vi.waitFor(() => expect(told).toEqual([['b.ts', join('src', 'a.ts')]]), { timeout: 5_000 })

    await mkdir(file('src', 'new'))
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 5_000 })
    await writeFile(file('src', 'new', 'c.ts'), '1')
    await vi.waitFor(() => expect(told.at(-1)).toEqual([join('src', 'new', 'c.ts')]), { timeout: 5_000 })
    await rm(file('b.ts'))
    await vi.waitFor(() => expect(told.at(-1)).toEqual(['b.ts']), { timeout: 5_000 })

    await writeFile(file('node_modules', 'x.js'), '1')
    await writeFile(file('.hidden'), '1')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(told).toHaveLength(4)
    expect(trouble).toEqual([])
  })
})
