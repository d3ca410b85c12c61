import { Toxiproxy } from 'toxiproxy-node-client'
import type { ToxiproxySpec } from '../topology/blueprint.ts'
import type { TestGround } from './ground.ts'

/** Starts a ground's Toxiproxies and opens the wires between the ensemble's members, each with its link's delay. */
export async function openQuorumLinks(ground: TestGround): Promise<void> {
  for (const link of ground.blueprint.links) {
    const spec = ground.blueprint.specs.find((s): s is ToxiproxySpec => s.kind === 'toxiproxy' && s.link === link.name)
    if (spec === undefined) throw new TypeError(`link ${link.name} has no Toxiproxy`)
    await ground.start(spec)
    const control = spec.ports[0]?.host
    const toxiproxy = new Toxiproxy(`http://${control?.host}:${control?.port}`)
    for (const { name, listen, upstream } of link.proxies.filter((proxy) => proxy.protocol === 'quorum')) {
      const [from, to] = [listen, upstream].map(({ host, port }) => `${host}:${port}`) as [string, string]
      const proxy = await toxiproxy.createProxy({ name, listen: from, upstream: to, enabled: true })
      // Toxiproxy takes whole milliseconds only: of an odd round trip the way back gets one more.
      const halves = { upstream: Math.floor(link.rttMs / 2), downstream: Math.ceil(link.rttMs / 2) } as const
      for (const [stream, latency] of Object.entries(halves) as [keyof typeof halves, number][])
        await proxy.addToxic({ name: stream, type: 'latency', stream, toxicity: 1, attributes: { latency, jitter: 0 } })
    }
  }
}
