import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { JavaStore } from './context.ts'
import { linkOrCopy } from './copy-tree.ts'
import type { Launch, Site } from './launch.ts'

export interface JvmOptions {
  readonly heapMb: number
  readonly codeCacheMb: number
  /** Class-data archive as the program sees it; null where there is none. */
  readonly archive: string | null
}

/** A small JVM: one thread for garbage, the quick compiler alone, and nothing written outside its data folder. */
export function jvmArgs(site: Site, { heapMb, codeCacheMb, archive }: JvmOptions): readonly string[] {
  return [
    '-Xms16m',
    `-Xmx${heapMb}m`,
    '-Xss256k',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-XX:ReservedCodeCacheSize=${codeCacheMb}m`,
    // A JVM that ran out of memory limps on, half of its threads gone; ended, it is seen and started again.
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    `-XX:ErrorFile=${site.dataDir}/hs_err.log`,
    `-Djava.io.tmpdir=${site.dataDir}/tmp`,
    // `auto`: an archive that does not fit this JVM or these jars is left aside, without a word.
    ...(archive === null
      ? []
      : ['-Xshare:auto', `-XX:SharedArchiveFile=${archive}`, '-Xlog:disable', '-Xlog:all=error:stderr']),
    '-Djava.net.preferIPv4Stack=true',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    '-Dorg.slf4j.simpleLogger.showThreadName=false',
  ]
}

/** The folder the JVM unpacks its native libraries into. */
export const jvmFiles: Launch['files'] = [{ path: 'tmp/.keep', text: '' }]

export function classPath(site: Site, kind: JavaStore): string {
  return site
    .files(kind)
    .map((jar) => `${site.root(kind)}/${jar}`)
    .join(':')
}

/**
 * Where an archive lies for the program, below a folder of its data. Another archive has another path; one that is not
 * there is none to the JVM, so data of an earlier version starts too, only slower.
 */
export function archiveOf(folder: string, archive: string | null): string | null {
  return archive === null ? null : `${folder}/${basename(archive)}`
}

/** Puts an archive into a folder: a second name of the same file, so that all JVMs of a machine share its pages. */
export async function placeArchive(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await linkOrCopy(archive, join(folder, basename(archive)))
}
