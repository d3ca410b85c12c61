import { text } from 'node:stream/consumers'
import { explainTag } from './explain-a-tag.ts'
import { deciderOn, firstTable, groundHere, tableFrom } from './ground.ts'

// ezone gzs table --json | node --conditions=ezone-source examples/explain-a-tag/main.ts geo=31.23,121.47
const ground = await groundHere()
const piped = process.stdin.isTTY ? '' : await text(process.stdin)
const table = piped.trim() === '' ? firstTable(ground) : tableFrom(piped)
for (const tag of process.argv.slice(2)) console.log(`${tag} goes ${explainTag(tag, deciderOn(ground), table)}`)
