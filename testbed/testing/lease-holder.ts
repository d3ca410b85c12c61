import { systemClock } from '@ezone/sdk/clock'
import { LeaseKeeper } from '../agent/leases.ts'
import { linkDrivers } from '../links/driver.ts'
import { pathsOf } from '../links/paths.ts'
import type { Blueprint } from '../topology/blueprint.ts'

// A keeper that cuts a link and then waits to be killed: `lease-holder JOURNAL BLUEPRINT LINK MS`.
const [file = '', blueprintText = '', link = '', forMs = ''] = process.argv.slice(2)
const blueprint = JSON.parse(blueprintText) as Blueprint
const keeper = await LeaseKeeper.open({
  file,
  clock: systemClock,
  drivers: linkDrivers(blueprint, { clock: systemClock }),
  paths: pathsOf(blueprint),
  credentialsOf: () => ({}),
  tell: () => undefined,
})
const fault = await keeper.cut({ link, direction: null, forMs: Number(forMs) }, AbortSignal.timeout(20_000))
process.stdout.write(JSON.stringify(fault))
setInterval(() => undefined, 1_000)
