import { systemClock } from '@ezone/sdk/clock'
import { type FaultWish, LeaseKeeper } from '../chaos/leases.ts'
import { LinkActs } from '../chaos/link-acts.ts'
import { SpecActs } from '../chaos/spec-acts.ts'
import { linkDrivers } from '../links/driver.ts'
import { pathsOf } from '../links/paths.ts'
import { ProcessRuntime } from '../runtimes/process/runtime.ts'
import type { Credentials } from '../stores/credentials.ts'
import type { Blueprint } from '../topology/blueprint.ts'

// A keeper that puts a fault in and then waits to be killed: `lease-holder JOURNAL BLUEPRINT WISH`.
const [file = '', blueprintText = '', wishText = ''] = process.argv.slice(2)
const blueprint = JSON.parse(blueprintText) as Blueprint
const common = { clock: systemClock, paths: pathsOf(blueprint), credentialsOf: () => ({}) }
const never = (): never => {
  throw new TypeError('a holder starts nothing')
}
const observer = new ProcessRuntime({ testbed: blueprint.id, folder: '/nowhere', homes: new Map(), launch: never })
const keeper = await LeaseKeeper.open({
  file,
  clock: systemClock,
  links: new LinkActs({ ...common, drivers: linkDrivers(blueprint, common) }),
  specs: new SpecActs({
    ...common,
    testbed: { blueprint, credentials: {} as Credentials },
    observer,
    runtime: never,
    supervision: { expectEnd: () => undefined, look: async () => undefined, proved: async () => undefined },
  }),
  tell: () => undefined,
})
const fault = await keeper.inject(JSON.parse(wishText) as FaultWish, AbortSignal.timeout(20_000))
process.stdout.write(JSON.stringify(fault))
setInterval(() => undefined, 1_000)
