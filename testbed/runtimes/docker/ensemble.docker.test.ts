import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkDrivers } from '../../links/driver.ts'
import type { ServerKind } from '../../servers/home.ts'
import { makeCredentials } from '../../stores/credentials.ts'
import { launchOf, prepareTemplates, type ServerSpec, waitReady } from '../../stores/registry.ts'
import { folders } from '../../surroundings/folders.ts'
import { DockerGround } from '../../testing/docker-ground.ts'
import { homesForTests } from '../../testing/redis-ground.ts'
import type { Spec } from '../../topology/blueprint.ts'
import { expand } from '../../topology/expand.ts'
import { topologySchema } from '../../topology/schema.ts'

const kinds: readonly ServerKind[] = ['java', 'kafka', 'zookeeper', 'mysql', 'toxiproxy', 'redis']

describe('the global ensemble in containers', () => {
  let ground: DockerGround
  let members: readonly ServerSpec[]
  let credentials: Awaited<ReturnType<typeof makeCredentials>>

  beforeAll(async () => {
    const signal = AbortSignal.timeout(250_000)
    const homes = await homesForTests(kinds)
    const templates = await prepareTemplates(homes, folders().cache, signal, () => {})
    credentials = await makeCredentials({ clock: systemClock, random: randomBytes })
    const all = expand({
      topology: topologySchema.parse({}),
      name: 'ensemble',
      id: randomBytes(4).toString('hex'),
      runtime: 'docker',
      mode: 'blocks',
      octets: new Map(Object.entries({ bj: 192, sh: 193, edge: 194 })),
      portBase: 20_000,
      manifests: [],
      defaultShards: {},
    })
    const wanted = (spec: Spec) => spec.kind === 'toxiproxy' || spec.name === 'zookeeper-global'
    const blueprint = { ...all, specs: all.specs.filter(wanted) }
    members = blueprint.specs.filter((spec) => spec.kind === 'zookeeper')
    ground = await DockerGround.make(blueprint, {
      kinds,
      launch: (spec, site) => launchOf(spec as ServerSpec, site, { credentials, homes, templates }),
    })
    const start = async (spec: Spec) => {
      await ground.runtime.start(spec, signal)
      await waitReady(spec as ServerSpec, { credentials, everyMs: 50, signal })
    }
    await ground.runtime.prepare(signal)
    await Promise.all(blueprint.specs.filter((spec) => spec.kind === 'toxiproxy').map(start))
    const drivers = [...linkDrivers(blueprint, { clock: systemClock }).values()]
    await Promise.all(drivers.map((driver) => driver.raise(signal)))
    await Promise.all(members.map(start))
  })
  afterAll(() => ground[Symbol.asyncDispose]())

  it('forms although no member can reach another one directly', async () => {
    const dials = await ground.runtime.directDials(ground.signal)
    expect(dials.length).toBeGreaterThan(20)
    expect(dials.filter(({ result }) => result !== 'refused')).toEqual([])
  })

  it('talks through the links alone: no member holds a connection to an address of another place', async () => {
    const sockets = await ground.runtime.sockets(ground.signal)
    const octets = new Map(ground.blueprint.places.map(({ name, octet }) => [name, `198.18.${octet}.`]))
    const held = sockets.flatMap(({ owner, remote }) =>
      typeof owner !== 'string' && members.some((m) => m.id === owner.process)
        ? [{ ...owner, remote: remote.host }]
        : [],
    )
    expect(held.length).toBeGreaterThan(0)
    expect(held.filter(({ place, remote }) => !remote.startsWith(octets.get(place ?? '') ?? '?'))).toEqual([])
  })

  it('takes a member back that was killed, whichever it was', async () => {
    for (const member of members) {
      await ground.runtime.stop(member.id, { graceMs: 0, signal: ground.signal })
      await ground.runtime.start(member, ground.signal)
      await waitReady(member, { credentials, everyMs: 50, signal: AbortSignal.timeout(30_000) })
    }
  })
})
