import { readFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fromSource } from '../surroundings/folders.ts'

/** In the order in which they need each other. */
const files = ['look', 'marks', 'plot', 'lanes', 'panels', 'main'] as const

const require = createRequire(import.meta.url)
const library = dirname(require.resolve('uplot'))

export interface PageAssets {
  readonly script: string
  readonly style: string
  readonly licence: string
}

/**
 * What the page runs, as one script: the chart library as it was published, then our own files without their imports and
 * exports. A page that is one file has no modules, and a bundler at run time would be a dependency for six files.
 */
export async function pageAssets(): Promise<PageAssets> {
  const [uplot, style, licence, ...own] = await Promise.all([
    readFile(join(library, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(library, 'uPlot.min.css'), 'utf8'),
    readFile(join(library, '..', 'LICENSE'), 'utf8'),
    ...files.map(ownFile),
  ])
  return { script: `${uplot}\n;(() => {\n'use strict'\n${own.join('\n')}\n})()`, style, licence }
}

async function ownFile(name: string): Promise<string> {
  const path = join(import.meta.dirname, 'page', `${name}.${fromSource ? 'ts' : 'js'}`)
  const text = await readFile(path, 'utf8')
  return withoutModules(fromSource ? stripTypeScriptTypes(text) : text)
}

const withoutModules = (text: string) =>
  text
    .replaceAll(/^import\s[^;]*?from\s+['"][^'"]+['"];?\s*$/gm, '')
    .replaceAll(/^export\s+(?=(const|let|function|class|async)\b)/gm, '')
    .replaceAll(/^export\s*\{\s*\};?\s*$/gm, '')
    .replaceAll(/^\/\/# sourceMappingURL.*$/gm, '')
