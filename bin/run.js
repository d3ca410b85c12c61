#!/usr/bin/env node
// Where the installed CLI starts. Node 18 must understand this file: under a Node that is too old it starts itself again
// under one that is not. See ./ezone of the repository for the one that builds first.
import { isNewEnough } from './node-version.js'

if (isNewEnough(process.versions.node)) await import('./main.js')
else await (await import('./newer-node.js')).startAgain(process.argv.slice(2))
