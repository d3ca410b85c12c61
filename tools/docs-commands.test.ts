import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Commands, commandsStandInShell, loadCommands, refusalOf, shownIn } from './docs/commands.ts'
import { planned, pages as plans } from './docs/pages.ts'
import { quotesAreTrue } from './docs/quotes.ts'
import { shellCommands } from './docs/shell-commands.ts'
import { statementsOf } from './docs/statements.ts'
import { readTree, show, type Tree, treeOf } from './tidy/tree.ts'

const root = join(import.meta.dirname, '..')

let tree: Tree
let pages: Tree
let commands: Commands
beforeAll(async () => {
  tree = await readTree(root)
  pages = tree.filter(({ path }) => /^(README|docs\/.*|examples\/.*|templates\/[^/]*)\.md$/.test(path))
  commands = await loadCommands()
})

/** As the house names what it finds. */
async function wrongIn(tree: Tree): Promise<readonly string[]> {
  const found = tree.flatMap(shownIn).map(async ({ page, line, argv }) => {
    const says = await refusalOf(argv, commands)
    return says === null ? [] : [show({ path: page, line, says })]
  })
  return (await Promise.all(found)).flat()
}

const page = (...lines: readonly string[]) =>
  treeOf({ 'docs/a.md': ['# A', '', '```sh', ...lines, '```', ''].join('\n') })

describe('every command that a page shows', () => {
  it('is one that ezone takes as it stands', async () => {
    expect(await wrongIn(pages)).toEqual([])
  })

  it('stands where readers type from', () => {
    expect(commandsStandInShell(pages).map(show)).toEqual([])
  })

  it('is found: a reader that finds none would be pleased with everything', () => {
    const shown = pages.flatMap(shownIn)
    expect(shown.length).toBeGreaterThan(60)
    expect(new Set(shown.map((one) => one.page)).size).toBeGreaterThan(10)
    expect(commands.size).toBeGreaterThan(50)
  })

  it.each([
    ['ezone up --fast', /^docs\/a\.md:4 Nonexistent flag: --fast/],
    ['ezone fly sh', /there is no command `ezone fly sh`/],
    ['ezone order fly', /there is no command `ezone order fly`/],
    ['ezone chaos --partition bj-sh --for 60', /--for/],
    ['ezone wait --for never', /Expected --for=never to be one of/],
    ['ezone down now', /Unexpected argument: now/],
    ['ezone shard move 31', /Missing required flag/],
    ['ezone servers prune --all --older', /cannot also be provided/],
    ['eval "$(ezone status --envy)"', /Nonexistent flag: --envy/],
    ['true && id=$(./ezone order place --town X --json | jq -r .data) # none', /Nonexistent flag: --town/],
    ['ezone order place \\\n  --town X', /^docs\/a\.md:4 Nonexistent flag: --town/],
    ['ezone --fast', /Nonexistent flag: --fast/],
    ['ezone fly --help', /there is no help for `ezone fly`/],
  ])('%s is refused', async (line, finding) => {
    expect(await wrongIn(page(line))).toEqual([expect.stringMatching(finding)])
  })

  it.each([
    'ezone',
    './ezone up --name two   # a comment, --not a flag',
    'ezone --json',
    'ezone --version',
    'ezone help order place',
    'ezone chaos --help',
    'ezone report show --format junit > junit.xml',
    "ezone chaos run isolate sh --dry-run --json | jq '.data.links[].paths'",
    'for n in 1 2; do ezone order place --city "$n"; done',
    'EZONE_NAME=two ezone ps',
    'echo "ezone fly"; curl -d \'ezone fly\' "$URL"',
  ])('%s is taken', async (line) => {
    expect(await wrongIn(page(line))).toEqual([])
  })

  it.each(['', 'text', 'yaml'])('in a block of %j is found there', (language) => {
    const tree = treeOf({ 'docs/a.md': `# A\n\n\`\`\`${language}\nx\n  ezone fly sh\n\`\`\`\n` })
    expect(commandsStandInShell(tree).map(show)).toEqual([expect.stringMatching(/^docs\/a\.md:5 a command outside/)])
  })

  it('of a block with its output is what stands behind `$ `', async () => {
    const text = '# A\n\n```console\n$ ezone up --fast\nezone up --slow is output\n```\n'
    expect(await wrongIn(treeOf({ 'docs/a.md': text }))).toEqual([expect.stringMatching(/^docs\/a\.md:4 .*--fast/)])
  })
})

describe('a page with commands', () => {
  const plansOf = () =>
    pages.flatMap((file) => {
      const statements = statementsOf(file)
      return statements.some(({ ours }) => ours.length > 0) ? [{ file, statements }] : []
    })

  it('is in the plan of those that are tried (tools/docs/pages.ts), and every page of the plan is there', () => {
    expect(new Set(Object.keys(plans))).toEqual(new Set(plansOf().map(({ file }) => file.path)))
  })

  it('has every command that its plan speaks of', () => {
    const unused = plansOf().flatMap(({ file, statements }) =>
      planned(statements, plans[file.path] ?? {}).unused.map((name) => `${file.path}: ${name}`),
    )
    expect(unused).toEqual([])
  })

  it('has what stands for something the reader has seen', () => {
    for (const { file, statements } of plansOf())
      for (const word of Object.keys(plans[file.path]?.stands ?? {}))
        expect(
          statements.some(({ text }) => text.includes(word)),
          `${file.path}: ${word}`,
        ).toBe(true)
  })

  it('has what takes too long tried by a test that speaks of it', async () => {
    const elsewhere = Object.values(plans).flatMap(({ commands: specials = {} }) =>
      Object.entries(specials).flatMap(([name, special]) =>
        special.elsewhere === undefined ? [] : [{ name, file: special.elsewhere }],
      ),
    )
    expect(elsewhere.length).toBeGreaterThan(0)
    for (const { name, file } of elsewhere) {
      const text = await readFile(join(root, file), 'utf8')
      const [verb = '', sub = ''] = name.split(' ')
      const command = commands.has(`${verb} ${sub}`) ? [verb, sub] : [verb]
      for (const word of command)
        expect(text, `${file} does not speak of \`${name}\``).toMatch(new RegExp(`\\b${word}\\b`))
      if (file.endsWith('.md')) expect(statementsOf({ path: file, text }).flatMap(({ ours }) => ours)).toContain(name)
    }
  })

  it('knows the second command of a name from the first', () => {
    const statements = statementsOf({ path: 'a.md', text: '```sh\nezone ps\nezone ps   # again\nezone down\n```\n' })
    const plan = { commands: { 'ps #2': { exits: [7] }, gone: {} } }
    const { all, unused } = planned(statements, plan)
    expect(all.map(({ special }) => special.exits)).toEqual([undefined, [7], undefined])
    expect(unused).toEqual(['gone'])
  })

  it('quotes examples as they are', () => {
    expect(quotesAreTrue(tree).map(show)).toEqual([])
    const quoting = (code: string) =>
      treeOf({ 'a.ts': 'x()\ny()\n', 'docs/a.md': `# A\n\n\`\`\`ts a.ts\n${code}\n\`\`\`\n` })
    expect(quotesAreTrue(quoting('y()'))).toEqual([])
    expect(quotesAreTrue(quoting('z()')).map(show)).toEqual([
      expect.stringMatching(/^docs\/a\.md:4 this is not in a\.ts/),
    ])
  })
})

describe('the shell of a page', () => {
  it.each<[script: string, words: readonly (readonly string[])[]]>([
    ['a b  c', [['a', 'b', 'c']]],
    [`a 'b c' "d e" f\\ g`, [['a', 'b c', 'd e', 'f g']]],
    ['a | b && c; d & e\nf', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['a > out 2>&1 < in b', [['a', 'b']]],
    ['x=1 y= a "$x" $y $?', [['a', '$x', '$y', '$?']]],
    ['a "b $(c d) e" $(f)', [['c', 'd'], ['f'], ['a', 'b $() e', '$()']]],
    ['a # b\n# c\nd#e', [['a'], ['d#e']]],
    ['a \\\n b', [['a', 'b']]],
    ['a --x=\'b\'c"d"', [['a', '--x=bcd']]],
  ])('%s', (script, words) => {
    expect(shellCommands(script).map((command) => command.words)).toEqual(words)
  })

  it('knows the line of every command', () => {
    expect(shellCommands('a\n\nb \\\n  c\nd "$(\ne)"', 10).map(({ line }) => line)).toEqual([10, 12, 15, 14])
  })

  it.each(["a 'b", 'a "b', 'a $(b', 'a `b`', 'a <<E\nb\nE'])('refuses %j', (script) => {
    expect(() => shellCommands(script)).toThrow()
  })
})
