import type { ContainerCreateOptions, EndpointsConfig } from 'dockerode'
import { commandOf, type ServerHome, type ServerKind } from '../../servers/home.ts'
import type { Launch } from '../../stores/launch.ts'
import type { Blueprint, Port, Spec, SpecKind } from '../../topology/blueprint.ts'
import { labels } from './labels.ts'
import { networkName } from './networks.ts'
import { type Standing, standingsOf } from './placement.ts'

const MiB = 1024 * 1024

/** A bound against runaways, not a tuning: two to eight times what each takes at rest. */
const memoryBytes: Readonly<Record<Exclude<SpecKind, 'service'>, number>> = {
  mysql: 1024 * MiB,
  redis: 512 * MiB,
  kafka: 1024 * MiB,
  zookeeper: 512 * MiB,
  toxiproxy: 512 * MiB,
}

export interface ContainerInput {
  readonly blueprint: Pick<Blueprint, 'id' | 'name' | 'links'>
  readonly spec: Spec
  readonly launch: Launch
  readonly launchHash: string
  readonly image: string
  /** Homes as programs in the image see them. */
  readonly homes: ReadonlyMap<ServerKind, ServerHome>
  /** Its data folder on the host. */
  readonly dataDir: string
  /** `uid:gid` of whoever runs ezone, so that the data folder stays theirs. */
  readonly user: string
}

export interface ContainerPlan {
  readonly create: ContainerCreateOptions & { readonly name: string }
  /** Networks beside its first, joined before it starts. */
  readonly join: readonly { readonly network: string; readonly endpoint: EndpointsConfig[string] }[]
}

export const containerName = (testbed: string, spec: Pick<Spec, 'place' | 'name'>) =>
  `ezone-${testbed}-${spec.place}-${spec.name}`

/** Everything about a container that can be said before it exists. Pure. */
export function containerOf(input: ContainerInput): ContainerPlan {
  const { blueprint, spec, launch } = input
  const [first, ...others] = standingsOf(blueprint, spec)
  const network = networkName(blueprint.name, first.place)
  return {
    create: {
      name: containerName(blueprint.name, spec),
      Hostname: spec.name,
      Image: input.image,
      User: input.user,
      WorkingDir: '/data',
      Entrypoint: [],
      Cmd: [...commandLine(launch, input.homes), ...launch.args],
      // The marks of host processes must not stand here: the process runtime would take the container for its own.
      Env: Object.entries({ LC_ALL: 'C', TZ: 'UTC', ...launch.env }).map(([name, value]) => `${name}=${value}`),
      Labels: {
        [labels.testbed]: blueprint.id,
        [labels.spec]: spec.id,
        [labels.place]: spec.place,
        [labels.launch]: input.launchHash,
      },
      ExposedPorts: Object.fromEntries(published(spec).map((port) => [`${port.inside.port}/tcp`, {}])),
      NetworkingConfig: { EndpointsConfig: { [network]: endpointOf(first) } },
      HostConfig: { ...hostConfig(spec, input.dataDir), NetworkMode: network },
    },
    join: others.map((standing) => ({
      network: networkName(blueprint.name, standing.place),
      endpoint: endpointOf(standing),
    })),
  }
}

function commandLine(launch: Launch, homes: ReadonlyMap<ServerKind, ServerHome>): readonly string[] {
  if (launch.program === null) throw new TypeError('services are processes of the host on every runtime')
  const home = homes.get(launch.program.kind)
  if (home === undefined) throw new TypeError(`no home was given for ${launch.program.kind}`)
  return commandOf(home, launch.program.name)
}

const endpointOf = ({ address }: Standing): EndpointsConfig[string] => ({
  ...(address !== null && { IPAMConfig: { IPv4Address: address } }),
})

/** Doors the host can dial: not those between members of an ensemble, nor those a server keeps for itself. */
const published = (spec: Spec): readonly Port[] =>
  spec.ports.filter(({ protocol }) => protocol !== 'quorum' && (protocol !== 'control' || spec.kind === 'toxiproxy'))

function hostConfig(spec: Spec, dataDir: string): ContainerCreateOptions['HostConfig'] {
  if (spec.kind === 'service') throw new TypeError('services are processes of the host on every runtime')
  return {
    PortBindings: Object.fromEntries(
      published(spec).map(({ host, inside }) => [
        `${inside.port}/tcp`,
        [{ HostIp: host.host, HostPort: String(host.port) }],
      ]),
    ),
    Mounts: [{ Type: 'bind', Source: dataDir, Target: '/data' }],
    // ezone's own agent decides what is started again; an engine that does so by itself would hide a death.
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    Memory: memoryBytes[spec.kind],
    PidsLimit: 2048,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    // exec: Java unpacks native libraries there.
    Tmpfs: { '/tmp': 'exec,mode=1777,size=128m' },
    // A link stands in two networks and must not become a router between them.
    ...(spec.kind === 'toxiproxy' && { Sysctls: { 'net.ipv4.ip_forward': '0' } }),
  }
}
