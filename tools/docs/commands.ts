import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Config } from '@oclif/core'
import type { Check, File, Finding } from '../tidy/tree.ts'
import { codeBlocks, typed } from './code-blocks.ts'
import { shellCommands } from './shell-commands.ts'

const root = join(import.meta.dirname, '..', '..')

const { commandLine } = (await import(join(root, 'bin', 'command-line.js'))) as {
  readonly commandLine: (typed: readonly string[]) => readonly string[]
}

/** A command of ours that a page shows. */
export interface Shown {
  readonly page: string
  readonly line: number
  /** Without `ezone`. */
  readonly argv: readonly string[]
}

export const isEzone = (word: string | undefined): boolean => word === 'ezone' || word === './ezone'

/** Every `ezone …` that a page tells its reader to type. */
export function shownIn({ path, text }: File): readonly Shown[] {
  return codeBlocks(text).flatMap((block) =>
    shellCommands(typed(block) ?? '', block.line)
      .filter(({ words }) => isEzone(words[0]))
      .map(({ line, words: [, ...argv] }) => ({ page: path, line, argv })),
  )
}

/** What looks like a command of ours and stands where nobody would look for one. */
export const commandsStandInShell: Check = (tree) =>
  tree.flatMap(({ path, text }) =>
    codeBlocks(text)
      .filter((block) => typed(block) === null)
      .flatMap((block) => hidden(path, block.line, block.text)),
  )

const hidden = (path: string, firstLine: number, text: string): readonly Finding[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      /^\s*(\$ )?(\.\/)?ezone [a-z-]/.test(line)
        ? [{ path, line: firstLine + index, says: 'a command outside of ```sh and ```console: nobody would try it' }]
        : [],
    )

export type Commands = ReadonlyMap<string, Command.Class>

/** The command classes as they are in the sources, by what is typed: `order place`. */
export async function loadCommands(): Promise<Commands> {
  const files = await readdir(join(root, 'commands'), { recursive: true })
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort()
  const loaded = sources.map(async (file) => {
    const id = file.replace(/(\/?index)?\.ts$/, '').replaceAll('/', ' ')
    return [id, (await import(join(root, 'commands', file))).default as Command.Class] as const
  })
  return new Map(await Promise.all(loaded))
}

/** Of the framework; they come without a class of ours. */
const foreign: ReadonlySet<string> = new Set(['help', 'autocomplete'])

/** What oclif would refuse of a command line; null where it would run it. */
export async function refusalOf(argv: readonly string[], commands: Commands): Promise<string | null> {
  if (argv[0] === '--version') return null
  const asksHelp = argv.includes('--help') || argv.includes('-h') || argv[0] === 'help'
  const words = argv.filter((word) => !(asksHelp && /^(--help|-h|help)$/.test(word)))
  if (asksHelp) return helpRefusal(words, commands)
  const line = commandLine(words)
  if (foreign.has(line[0] ?? '')) return null
  const id = idOf(line, commands)
  const command = id === undefined ? undefined : commands.get(id)
  if (id === undefined || command === undefined) return `there is no command \`ezone ${argv.join(' ')}\``
  return parseRefusal(command, line.slice(id.split(' ').length))
}

/** The longest name of a command that the line begins with: `chaos run`, else `chaos`. */
const idOf = (line: readonly string[], commands: Commands): string | undefined =>
  [2, 1].map((length) => line.slice(0, length).join(' ')).find((id) => commands.has(id))

function helpRefusal(words: readonly string[], commands: Commands): string | null {
  const known = [...commands.keys()].some((id) => `${id} `.startsWith([...words, ''].join(' ')))
  return words.length === 0 || known ? null : `there is no help for \`ezone ${words.join(' ')}\``
}

/** None of our hooks has a word in parsing; to run them all plugins would have to be loaded. */
class WithoutHooks extends Config {
  override runHook: Config['runHook'] = async () => ({ successes: [], failures: [] })
}
const config = new WithoutHooks({ root })

/** By the parser of oclif itself, with every flag, value and rule of the class. */
async function parseRefusal(command: Command.Class, argv: readonly string[]): Promise<string | null> {
  class Parsing extends (command as unknown as new (argv: string[], config: Config) => Command) {
    readonly parsing = () => this.parse(command, [...argv])
    override async run(): Promise<void> {}
  }
  try {
    await new Parsing([...argv], config).parsing()
    return null
  } catch (error) {
    return (error as Error).message.trim().split('\n').slice(0, 2).join(' ')
  }
}
