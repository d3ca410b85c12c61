import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groundBlueprint } from '../testing/link-ground.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import { judgeSockets } from './audit.ts'
import { AddressGround } from './ground.ts'
import { endsOf, type Owner, type Socket } from './sockets.ts'

const blueprint = groundBlueprint({
  places: { bj: 140, sh: 141, edge: 142 },
  rttMs: 30,
  doors: ['bj', 'sh', 'edge'].map((place) => ({ place, name: 'redis', protocol: 'redis', port: 6379 })),
})
const real = (place: string) => {
  const host = blueprint.specs.find((spec) => spec.id === `${place}/redis`)?.ports[0]?.host
  if (host === undefined) throw new TypeError(place)
  return host
}
const listener = (from: string, to: string) => {
  const found = blueprint.links.flatMap((l) => l.proxies).find((p) => p.from === from && p.to === to)
  if (found === undefined) throw new TypeError(`${from}>${to}`)
  return found.listen
}
const ground = new AddressGround(blueprint)
const anywhere = { host: '127.0.0.1', port: 40_000 }
const at = (place: string | null): Owner => ({ pid: 7, process: `${place}/orders`, place })
const dial = (remote: { host: string; port: number }, owner: Socket['owner']): Socket => ({
  local: anywhere,
  remote,
  accepted: false,
  owner,
  inode: 1,
})
const judge = (...sockets: Socket[]) => judgeSockets(ground, sockets)

describe('a process of a place', () => {
  it('that dials the real door of another place goes beside the link, and is named', () => {
    const { bypasses } = judge(dial(real('sh'), at('bj')))
    expect(bypasses).toEqual([
      { pid: 7, process: 'bj/orders', from: 'bj', to: 'sh', address: `${real('sh').host}:6379` },
    ])
  })

  it('that dials its own doors and the listeners of links in its own place is as it shall be', () => {
    const audit = judge(dial(real('bj'), at('bj')), dial(listener('bj', 'sh'), at('bj')))
    expect(audit).toMatchObject({ sockets: 2, bypasses: [], unknown: [] })
  })

  it("that dials another place's listener goes beside the link to that place", () => {
    expect(judge(dial(listener('bj', 'sh'), at('edge'))).bypasses).toMatchObject([{ from: 'edge', to: 'bj' }])
  })

  it('that dials anything in the block of another place goes beside the link, planned or not', () => {
    expect(judge(dial({ host: '127.141.0.99', port: 4000 }, at('bj'))).bypasses).toMatchObject([{ to: 'sh' }])
  })

  it('that dials what is outside the testbed is of no concern', () => {
    expect(judge(dial({ host: '192.0.2.1', port: 443 }, at('bj')))).toMatchObject({ sockets: 0, bypasses: [] })
  })

  it('may dial exactly the addresses of its own place', () => {
    const place = fc.constantFrom('bj', 'sh', 'edge')
    fc.assert(
      fc.property(place, place, place, (owner, from, to) => {
        const address = from === to ? real(to) : listener(from, to)
        expect(judge(dial(address, at(owner))).bypasses.length === 0).toBe(owner === from)
      }),
    )
  })
})

describe('the Toxiproxy of a link', () => {
  it('may dial the doors of both its places and no others', () => {
    const toxiproxy = { pid: 8, process: 'bj-sh/toxiproxy', place: 'bj-sh' }
    expect(judge(dial(real('bj'), toxiproxy), dial(real('sh'), toxiproxy)).bypasses).toEqual([])
    expect(judge(dial(real('edge'), toxiproxy)).bypasses).toMatchObject([{ from: 'bj-sh', to: 'edge' }])
  })
})

describe('who stands in no place', () => {
  it('is not judged, but counted: the agent and programs outside the testbed', () => {
    expect(judge(dial(real('sh'), at(null)), dial(real('sh'), 'outsider'))).toMatchObject({
      outside: 2,
      bypasses: [],
      sockets: 0,
    })
  })

  it('and cannot be seen is unknown, never as it shall be', () => {
    expect(judge(dial(real('sh'), 'unseen')).unknown).toEqual([{ address: `${real('sh').host}:6379`, to: 'sh' }])
  })
})

describe('an accepted connection whose dialling end is in no table', () => {
  const accepted = (host: string): Socket => ({
    local: real('sh'),
    remote: { host, port: 50_000 },
    accepted: true,
    owner: { pid: 9, process: 'sh/redis', place: 'sh' },
    inode: 2,
  })

  it('is judged by the network it came from', () => {
    expect(judge(accepted('198.18.141.11')).bypasses).toEqual([])
    expect(judge(accepted('198.18.140.11')).bypasses).toMatchObject([{ pid: 0, from: 'bj', to: 'sh' }])
  })

  it('is unknown where it came from nowhere known', () => {
    expect(judge(accepted('192.0.2.1')).unknown).toHaveLength(1)
  })
})

describe('a testbed without blocks', () => {
  const onPorts: Blueprint = JSON.parse(JSON.stringify(blueprint), (key, value) =>
    key === 'host' && typeof value === 'string' ? '127.0.0.1' : value,
  )
  // Every door gets a number of its own, as the address plan does without blocks.
  let port = 21_000
  const numbered: Blueprint = {
    ...onPorts,
    specs: onPorts.specs.map((spec) => ({
      ...spec,
      ports: spec.ports.map((p) => {
        const address = { host: '127.0.0.1', port: port++ }
        return { ...p, host: address, inside: address }
      }),
    })) as Blueprint['specs'],
    links: onPorts.links.map((link) => ({
      ...link,
      proxies: link.proxies.map((p) => ({ ...p, listen: { host: '127.0.0.1', port: port++ } })),
    })),
  }
  const flat = new AddressGround(numbered)
  const door = numbered.specs.find((spec) => spec.id === 'sh/redis')?.ports[0]?.host ?? anywhere

  it('still has its doors told apart by exact address', () => {
    expect(judgeSockets(flat, [dial(door, at('bj'))]).bypasses).toMatchObject([{ from: 'bj', to: 'sh' }])
    expect(judgeSockets(flat, [dial(door, at('sh'))]).bypasses).toEqual([])
  })

  it('does not take the rest of 127.0.0.1 for any place', () => {
    expect(judgeSockets(flat, [dial({ host: '127.0.0.1', port: 5432 }, at('bj'))])).toMatchObject({
      sockets: 0,
      bypasses: [],
    })
  })
})

describe('the ends of connections in a table', () => {
  const [a, b] = [anywhere, real('sh')]
  const none = { host: '0.0.0.0', port: 0 }
  const row = (local: typeof a, remote: typeof a, state: string, inode: number) => ({ local, remote, state, inode })
  const owners = new Map([[7, at('bj')]])

  it('are told apart by who listens, and the accepted one is left out where the dialling one is there', () => {
    const rows = [row(b, none, '0A', 1), row(b, a, '01', 2), row(a, b, '01', 3)]
    const holders = new Map([
      [2, [9]],
      [3, [7]],
    ])
    expect(endsOf(rows, holders, owners)).toEqual([{ local: a, remote: b, accepted: false, owner: at('bj'), inode: 3 }])
  })

  it('belong to every process of ours that holds them, though a parent outside the testbed holds them too', () => {
    expect(endsOf([row(a, b, '01', 3)], new Map([[3, [1, 7]]]), owners).map((end) => end.owner)).toEqual([at('bj')])
  })

  it('are an outsider’s where a process is seen that is not ours, and unseen where none is', () => {
    expect(endsOf([row(a, b, '01', 3)], new Map([[3, [1]]]), owners).map((end) => end.owner)).toEqual(['outsider'])
    expect(endsOf([row(a, b, '01', 3)], new Map(), owners).map((end) => end.owner)).toEqual(['unseen'])
  })

  it('that nobody holds any more, and those already closing, are left out', () => {
    expect(endsOf([row(a, b, '01', 0), row(a, b, '06', 3)], new Map([[3, [7]]]), owners)).toEqual([])
  })
})
