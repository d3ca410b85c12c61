#!/usr/bin/env node
// The built CLI. Everything it needs stands in dist/ and the manifest; see ./ezone for the one that builds first.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `error ezone needs Node 24.15 or newer; this is ${process.versions.node}\n` +
      '  next  Start it through ./ezone of the repository, which finds or fetches one, or install Node 24.\n' +
      '  code  EZ_NODE_TOO_OLD (docs/errors.md#ez_node_too_old)\n',
  )
  process.exit(4)
}
// Compiled code is kept between runs, for this process and for the agent and services that inherit the variable:
// a light command takes a third less time. It lies in the cache folder, as all that may be thrown away.
const cache = process.env.EZONE_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ezone')
process.env.NODE_COMPILE_CACHE ||= resolve(cache, 'compiled')
enableCompileCache(process.env.NODE_COMPILE_CACHE)

// `ezone --help | head` closes our stdout early; that is no error.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
})

const { execute } = await import('@oclif/core')
await execute({ dir: import.meta.url })
