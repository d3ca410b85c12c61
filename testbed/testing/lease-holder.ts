import { systemClock } from '@ezone/sdk/clock'
import { LeaseKeeper } from '../chaos/leases.ts'
import { LinkActs } from '../chaos/link-acts.ts'
import { linkDrivers } from '../links/driver.ts'
import { pathsOf } from '../links/paths.ts'
import type { Blueprint } from '../topology/blueprint.ts'

// A keeper that cuts a link and then waits to be killed: `lease-holder JOURNAL BLUEPRINT LINK MS`.
const [file = '', blueprintText = '', link = '', forMs = ''] = process.argv.slice(2)
const blueprint = JSON.parse(blueprintText) as Blueprint
const common = { clock: systemClock, paths: pathsOf(blueprint), credentialsOf: () => ({}) }
const links = new LinkActs({ ...common, drivers: linkDrivers(blueprint, common) })
const keeper = await LeaseKeeper.open({ file, clock: systemClock, links, tell: () => undefined })
const plan = { links: [{ link, direction: null, how: { type: 'drop' as const } }], specs: [] }
const wish = { kind: 'partition', target: link, direction: null, plan, forMs: Number(forMs) }
const fault = await keeper.inject(wish, AbortSignal.timeout(20_000))
process.stdout.write(JSON.stringify(fault))
setInterval(() => undefined, 1_000)
