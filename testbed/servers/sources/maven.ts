import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from '../../surroundings/env.ts'
import type { ServerKind } from '../home.ts'
import { run, which } from '../run.ts'
import type { Ground, Source } from '../source.ts'

const slf4j = '2.0.17'
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** group:artifact:version of each direct dependency. Without a logging backend the servers say nothing at all. */
const artifacts: Readonly<Partial<Record<ServerKind, readonly string[]>>> = {
  kafka: ['org.apache.kafka:kafka_2.13:4.3.0', `org.slf4j:slf4j-api:${slf4j}`, `org.slf4j:slf4j-simple:${slf4j}`],
  zookeeper: [
    'org.apache.zookeeper:zookeeper:3.9.5',
    'org.xerial.snappy:snappy-java:1.1.10.7',
    'io.dropwizard.metrics:metrics-core:4.1.12.1',
    `org.slf4j:slf4j-api:${slf4j}`,
    `org.slf4j:slf4j-simple:${slf4j}`,
  ],
}

/** A second backend would quarrel with slf4j-simple; the JDK's own TLS does without the native one. */
const leftOut = /^(logback-|netty-tcnative-)/

/** Kafka and ZooKeeper as sets of jars, through the machine's Maven. */
export function mavenSource(): Source {
  let started: Promise<void> | undefined
  return {
    name: 'packages:maven',
    offers: (kind) => artifacts[kind] !== undefined,
    obstacle: async () => ((await which('mvn')) === null ? 'no mvn on PATH' : null),
    async fetch(kind, into, ground) {
      const folder = join(ground.scratch, 'maven')
      started ??= copyDependencies(folder, ground)
      await started
      const jars = (await readdir(join(folder, kind, 'jars'))).filter((jar) => !leftOut.test(jar))
      await mkdir(join(into, 'jars'))
      for (const jar of jars)
        await cp(join(folder, kind, 'jars', jar), join(into, 'jars', jar), { preserveTimestamps: true })
      return { files: true }
    },
  }
}

async function copyDependencies(folder: string, ground: Ground): Promise<void> {
  const modules = ground.wanted.filter((kind) => artifacts[kind] !== undefined)
  ground.report(`resolving the jars of ${modules.join(' and ')}`)
  for (const kind of modules) {
    await mkdir(join(folder, kind), { recursive: true })
    await writeFile(join(folder, kind, 'pom.xml'), pom(kind, (artifacts[kind] ?? []).map(dependency).join('')))
  }
  await writeFile(join(folder, 'pom.xml'), pom('servers', '', modules))
  // Maven's own placeholder: each module keeps its jars in its own folder.
  const output = '-DoutputDirectory=$' + '{project.basedir}/jars'
  const args = ['-B', '-q', '-C', '-T2', plugin, '-DincludeScope=runtime', output]
  // A repository of its own: the user's is neither trusted nor filled.
  await run('mvn', [...args, `-Dmaven.repo.local=${join(folder, 'repository')}`], {
    cwd: folder,
    signal: ground.signal,
    deadlineMs: 180_000,
    // The JVM would leave a folder for its counters in the system's temporary one.
    env: { ...ground.marker, MAVEN_OPTS: `${env('MAVEN_OPTS') ?? ''} -XX:-UsePerfData`.trim() },
  })
}

const pom = (name: string, dependencies: string, modules: readonly string[] = []): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>ezone</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
<modules>${modules.map((module) => `<module>${module}</module>`).join('')}</modules>
<dependencies>${dependencies}</dependencies></project>
`

function dependency(coordinates: string): string {
  const [group, artifact, version] = coordinates.split(':')
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
}
