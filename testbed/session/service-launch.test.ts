import type { ServiceConfig } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import type { Credentials } from '../stores/credentials.ts'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import type { ServiceSpec } from '../topology/blueprint.ts'
import type { ExpandInput } from '../topology/expand.ts'
import { serviceConfig } from './service-launch.ts'

const account = (user: string) => ({ user, password: `${user}-password-of-a-test` })
const credentials = {
  mysql: {
    root: account('root'),
    replication: account('replication'),
    app: account('ezone'),
    fence: account('fence'),
    drc: account('drc'),
    rsa: { privateKey: '', publicKey: '' },
  },
  redis: { password: 'password-of-a-test' },
  secret: 'a secret of thirty-two characters',
  tls: { certificate: '', privateKey: '' },
} satisfies Credentials

type Service = ExpandInput['manifests'][number]
const service = (name: string, more: Partial<Service>): Service => ({
  name,
  summary: '',
  entry: 'main',
  runsIn: 'zone',
  port: 7000,
  reach: 'everywhere',
  stores: [],
  instances: 1,
  account: 'app',
  far: [],
  peers: [],
  folder: `/src/${name}`,
  ...more,
})

/** What `id` is told in a testbed of two zones, the first a virtual centre, with these services. */
function told(id: string, services: readonly Service[], yaml: object = {}): ServiceConfig {
  const zones = [{ name: 'bj', idcs: ['bj1', 'bj2'] }, { name: 'sh' }]
  const blueprint = defaultBlueprint({ yaml: { zones, ...yaml }, manifests: services })
  const spec = blueprint.specs.find((s): s is ServiceSpec => s.kind === 'service' && s.id === id)
  if (spec === undefined) throw new TypeError(`no ${id} among ${blueprint.specs.map((s) => s.id)}`)
  return serviceConfig(
    spec,
    { dataDir: '/data', bind: () => spec.ports[0]?.host ?? { host: '', port: 0 } },
    blueprint,
    credentials,
  )
}

describe('what a service is told', () => {
  it('names every instance of a peer, in its own place by its door, elsewhere by the link', () => {
    const router = service('router', { runsIn: 'edge', peers: ['orders'] })
    const { peers } = told('edge/router', [router, service('orders', { instances: 2 })])
    expect(peers.orders?.map(({ place, host }) => `${place} ${host}`)).toEqual([
      'bj1 127.40.10.20',
      'bj1 127.40.10.21',
      'sh 127.40.30.20',
      'sh 127.40.30.21',
    ])
  })

  it('gives each account its own credentials', () => {
    const stores: Service['stores'] = ['mysql']
    const user = (who: Service['account']) =>
      told('sh/one', [service('one', { stores, account: who })]).stores.mysql?.user
    expect([user('app'), user('fence'), user('drc')]).toEqual(['ezone', 'fence', 'drc'])
  })

  it('names the member of the ensemble in its own place first', () => {
    const ensemble = (id: string) =>
      told(id, [service('gzs', { runsIn: 'everywhere', stores: ['ensemble'] })]).stores.ensemble?.map((a) => a.host)
    expect(ensemble('sh/gzs')).toEqual(['127.30.0.6', '127.30.10.6', '127.30.40.6'])
    expect(ensemble('edge/gzs')?.[0]).toBe('127.40.0.6')
  })

  it('shows the global pair to an IDC without stores, through its links', () => {
    const orders = service('orders', { runsIn: 'idc', stores: ['global', 'mysql'] })
    const { stores } = told('bj2/orders', [orders], { globalZone: { master: 'sh' } })
    expect(stores.global?.master).toBe('sh')
    expect(Object.entries(stores.global?.members ?? {}).map(([zone, { host }]) => `${zone} ${host}`)).toEqual([
      'bj 127.20.10.5',
      'sh 127.20.30.5',
    ])
    expect(stores.mysql?.host).toBe('127.20.10.1')
  })

  it('shows stores of other zones only where the manifest asks for them, through the link', () => {
    const drc = (far: Service['far']) => told('sh/drc', [service('drc', { far, stores: ['kafka'], account: 'drc' })])
    expect(drc([]).far).toEqual({ bj: {} })
    expect(drc(['kafka']).far).toEqual({ bj: { kafka: { host: '127.30.10.4', port: 9193 } } })
    expect(drc(['kafka']).stores).toEqual({ kafka: { host: '127.30.0.4', port: 9092 } })
  })

  it('says which zones there are, the policy, and which instance it is', () => {
    const config = told('sh/drc-2', [service('drc', { instances: 2 })], { policy: 'strict' })
    expect(config).toMatchObject({
      service: 'drc',
      instance: 2,
      place: 'sh',
      zone: 'sh',
      zoneNumber: 2,
      policy: 'strict',
      zones: [
        { name: 'bj', number: 1 },
        { name: 'sh', number: 2 },
      ],
    })
  })

  it('that is not multi-active stands in the first data centre of the first zone, and others find it there', () => {
    const services = [service('legacy', { runsIn: 'home' }), service('proxy', { peers: ['legacy'] })]
    expect(told('sh/proxy', services).peers.legacy).toEqual([
      { host: '127.30.10.20', port: 7000, place: 'bj1', zone: 'bj' },
    ])
  })
})
