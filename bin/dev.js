#!/usr/bin/env node
// The CLI straight from its TypeScript sources: node --conditions=ezone-source bin/dev.js
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { execute, settings } from '@oclif/core'
import { commandLine } from './command-line.js'

const pjson = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
pjson.oclif = JSON.parse(JSON.stringify(pjson.oclif).replaceAll('./dist/', './'))
settings.enableAutoTranspile = false
await execute({
  development: true,
  dir: import.meta.url,
  args: commandLine(process.argv.slice(2)),
  loadOptions: { root: dirname(import.meta.dirname), pjson, ignoreManifest: true },
})
