#!/usr/bin/env node
// The built CLI. Everything it needs stands in dist/ and the manifest; see ./ezone for the one that builds first.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `error ezone needs Node 24.15 or newer; this is ${process.versions.node}\n` +
      '  next  Start it through ./ezone of the repository, which finds or fetches one, or install Node 24.\n' +
      '  code  EZ_NODE_TOO_OLD (docs/errors.md#ez_node_too_old)\n',
  )
  process.exit(4)
}
const { execute } = await import('@oclif/core')
await execute({ dir: import.meta.url })
