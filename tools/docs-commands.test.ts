import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Commands, commandsStandInShell, loadCommands, refusalOf, shownIn } from './docs/commands.ts'
import { shellCommands } from './docs/shell-commands.ts'
import { readTree, show, type Tree, treeOf } from './tidy/tree.ts'

let pages: Tree
let commands: Commands
beforeAll(async () => {
  const tree = await readTree(join(import.meta.dirname, '..'))
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
