// The built CLI. Everything it needs stands in dist/ and the manifest.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { commandLine } from './command-line.js'

// Of ./newer-node.js, and no business of what is started from here.
delete process.env.EZONE_STARTED_AGAIN

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
await execute({ dir: import.meta.url, args: commandLine(process.argv.slice(2)) })
