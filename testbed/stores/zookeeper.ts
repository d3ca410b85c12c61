import type { ZookeeperSpec } from '../topology/blueprint.ts'
import { ask } from './ask.ts'
import { archiveOf, classPath, jvmArgs, jvmFiles, placeArchive } from './jvm.ts'
import type { Launch, Launcher, Site } from './launch.ts'
import { limits } from './limits.ts'
import type { Probe } from './ready.ts'

const files = {
  config: 'zoo.cfg',
  identity: 'data/myid',
  key: 'keys/quorum-key.pem',
  trust: 'keys/quorum-trust.pem',
  hosts: 'hosts',
} as const

const classes = 'classes'

/** A ZooKeeper server: a zone's own, alone; or a member of the global ensemble, which talks TLS to the others. */
export const launchZookeeper: Launcher<ZookeeperSpec> = (spec, site, { credentials, templates }) => ({
  program: { kind: 'java', name: 'java' },
  args: [
    ...jvmArgs(site, {
      heapMb: 64,
      codeCacheMb: 32,
      archive: archiveOf(`${site.dataDir}/${classes}`, templates.archives.zookeeper),
    }),
    ...(spec.ensemble === null ? [] : [`-Djdk.net.hosts.file=${site.dataDir}/${files.hosts}`]),
    // Tells who leads, and why an election went as it did; everything else only when it is a warning.
    '-Dorg.slf4j.simpleLogger.log.org.apache.zookeeper.server.quorum.QuorumPeer=info',
    // How often the leader looks for containers without children and nodes that outlived their time; usually a minute.
    '-Dznode.container.checkIntervalMs=5000',
    '-cp',
    classPath(site, 'zookeeper'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    `${site.dataDir}/${files.config}`,
  ],
  env: {},
  files: [
    { path: files.config, text: `${[...common(site), ...ensemble(spec, site)].join('\n')}\n` },
    ...jvmFiles,
    ...(spec.ensemble === null
      ? []
      : [
          { path: files.identity, text: `${spec.ensemble.myid}\n` },
          { path: files.key, text: credentials.tls.privateKey + credentials.tls.certificate },
          { path: files.trust, text: credentials.tls.certificate },
          { path: files.hosts, text: hostsOf(spec.ensemble.members) },
        ]),
  ],
  seed: seedOf(templates.archives.zookeeper),
  stopGraceMs: 5_000,
})

function seedOf(archive: string | null): Launch['seed'] {
  return archive === null ? null : { into: classes, make: (folder) => placeArchive(archive, folder) }
}

function common(site: Site): readonly string[] {
  const { host, port } = site.bind('client')
  return [
    'tickTime=500',
    `dataDir=${site.dataDir}/data`,
    `clientPort=${port}`,
    `clientPortAddress=${host}`,
    // As with the usual tick of 2 s: clients across a link may ask for more than 20 ticks of ours.
    'maxSessionTimeout=40000',
    'maxClientCnxns=0',
    // Nodes with a time to live.
    'extendedTypesEnabled=true',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr,ruok,stat,cons,mntr,conf,isro',
    // Log files are filled with zeros in steps of this many kilobytes; the usual 64 MB would be most of our disk.
    'preAllocSize=1024',
    `autopurge.snapRetainCount=${limits.zookeeperSnapshotsKept}`,
    'autopurge.purgeInterval=1',
  ]
}

/**
 * Quorum traffic is TLS also because of the link: a TCP proxy accepts a dial before its other end listens, which a plain
 * member takes for a leader that was lost. With TLS the handshake fails from end to end, so it dials again.
 */
function ensemble({ ensemble }: ZookeeperSpec, site: Site): readonly string[] {
  if (ensemble === null) return []
  const key = `${site.dataDir}/${files.key}`
  return [
    'initLimit=4',
    'syncLimit=3',
    'reconfigEnabled=false',
    'standaloneEnabled=false',
    'sslQuorum=true',
    `ssl.quorum.keyStore.location=${key}`,
    'ssl.quorum.keyStore.type=PEM',
    `ssl.quorum.trustStore.location=${site.dataDir}/${files.trust}`,
    'ssl.quorum.trustStore.type=PEM',
    'ssl.quorum.hostnameVerification=false',
    ...ensemble.members.map(
      ({ myid, quorum, election }) => `server.${myid}=${memberName(myid)}:${quorum.port}:${election.port}`,
    ),
  ]
}

type Members = NonNullable<ZookeeperSpec['ensemble']>['members']

const memberName = (myid: number) => `member-${myid}`

/**
 * Members know each other by name, and each has a hosts file of its own, because a member tells others what its own
 * election address is called and those with a higher id dial back to just that. An address would lead them beside the
 * link; the name leads to the link's listener of their own place. (A name has no port: in `ports` mode they still pass it.)
 */
function hostsOf(members: Members): string {
  return members.map(({ myid, election }) => `${election.host} ${memberName(myid)}\n`).join('')
}

/** `ruok` is answered before it serves; `Mode:` stands in `srvr` only when it does, and an ensemble has a leader. */
export const probeZookeeper: Probe<ZookeeperSpec> = async (spec, { door, signal }) => {
  const text = (await ask(door('client'), 'srvr', untilClosed, signal)).toString('latin1')
  const mode = /^Mode: (\S+)/m.exec(text)?.[1]
  const wanted = spec.ensemble === null ? ['standalone'] : ['leader', 'follower']
  if (mode === undefined || !wanted.includes(mode)) throw new Error(mode ? `its mode is ${mode}` : text.slice(0, 120))
}

const untilClosed = () => false
