import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import { makeArchive } from './class-data.ts'
import { homeOf, type JavaStore, type Templates } from './context.ts'
import { kafkaTemplateRecipe, makeKafkaTemplate } from './kafka-template.ts'
import { madeOnce } from './made-once.ts'
import { makeMysqlTemplate, mysqlTemplateRecipe } from './mysql-template.ts'
import { rehearsalContext, rehearseKafka, rehearseZookeeper } from './rehearsals.ts'

/**
 * Makes what all testbeds start from, once per server version and configuration, in `<cache>/templates`. May run in any
 * number of processes at once; an abort or a kill leaves nothing that is in the way of the next run.
 *
 * @param report gets a line for a person about each part that has to be made; silent when all is there.
 */
export async function prepareTemplates(
  homes: ReadonlyMap<ServerKind, ServerHome>,
  cacheDir: string,
  signal: AbortSignal,
  report: (line: string) => void,
): Promise<Templates> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const workshop = new Workshop(homes, join(cacheDir, 'templates'), either, report)
  const works = [workshop.mysql(), workshop.kafkaAndArchives()] as const
  // The first failure ends the other work, and all of it has ended before the failure is told.
  for (const work of works) work.catch((error) => failed.abort(error))
  await Promise.allSettled(works)
  either.throwIfAborted()
  const [mysql, rest] = await Promise.all(works)
  return { mysql, ...rest }
}

/** Raised when the way archives are made changes. */
const archiveRecipe = 1

class Workshop {
  readonly #homes: ReadonlyMap<ServerKind, ServerHome>
  readonly #folder: string
  readonly #signal: AbortSignal
  readonly #report: (line: string) => void

  constructor(
    homes: ReadonlyMap<ServerKind, ServerHome>,
    folder: string,
    signal: AbortSignal,
    report: (line: string) => void,
  ) {
    this.#homes = homes
    this.#folder = folder
    this.#signal = signal
    this.#report = report
  }

  mysql(): Promise<string> {
    const home = this.#home('mysql')
    const name = `${nameOf(home)}-${hashed(mysqlTemplateRecipe())}`
    return this.#once(name, `data template of ${nameOf(home)}`, (half) => makeMysqlTemplate(home, half, this.#signal))
  }

  async kafkaAndArchives(): Promise<Omit<Templates, 'mysql'>> {
    const [java, home] = [this.#home('java'), this.#home('kafka')]
    const name = `${nameOf(home)}-${hashed(kafkaTemplateRecipe())}`
    const kafka = await this.#once(name, `log template of ${nameOf(home)}`, (half) =>
      makeKafkaTemplate({ java, kafka: home }, half, this.#signal),
    )
    const context = () => rehearsalContext(this.#homes, kafka)
    // One after another: each has the processors to itself, as its start is what is recorded.
    const forKafka = await this.#archive('kafka', async (half) =>
      makeArchive(rehearseKafka(await context()), half, this.#signal),
    )
    const forZookeeper = await this.#archive('zookeeper', async (half) =>
      makeArchive(rehearseZookeeper(await context()), half, this.#signal),
    )
    return { kafka, archives: { kafka: forKafka, zookeeper: forZookeeper } }
  }

  /** An archive belongs to one JVM and one set of jars. Without one everything works and starts a second later. */
  async #archive(kind: JavaStore, work: (half: string) => Promise<void>): Promise<string | null> {
    const [java, home] = [this.#home('java'), this.#home(kind)]
    const ground = JSON.stringify([archiveRecipe, java.version, java.root, home.root, home.jars])
    try {
      return await this.#once(`${nameOf(home)}-${hashed(ground)}.jsa`, `class-data archive of ${nameOf(home)}`, work)
    } catch (error) {
      this.#signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      this.#report(`no class-data archive for ${nameOf(home)}: ${why}`)
      return null
    }
  }

  #once(name: string, what: string, work: (half: string) => Promise<void>): Promise<string> {
    const make = (half: string) => {
      this.#report(`making the ${what}`)
      return work(half)
    }
    return madeOnce(join(this.#folder, name), make, this.#signal)
  }

  #home = (kind: ServerKind) => homeOf(this.#homes, kind)
}

const nameOf = (home: ServerHome) => `${home.kind}-${home.version}`
const hashed = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
