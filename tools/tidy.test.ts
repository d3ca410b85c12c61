import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { commandsExplainThemselves } from './tidy/commands.ts'
import { decisionsAreFound } from './tidy/decisions.ts'
import { oneDoor } from './tidy/doors.ts'
import { cataloguePath, errorsAreExplained, errorsPath } from './tidy/errors.ts'
import { lockIsComplete } from './tidy/lock.ts'
import { mentionsExist } from './tidy/mentions.ts'
import { testbedsRunOnBoth } from './tidy/runtimes.ts'
import { budget, fileLength, functionLength, medianMax, p90Max } from './tidy/size.ts'
import { type Check, readTree, show, type Tree, treeOf } from './tidy/tree.ts'
import { linksResolve, noMachinePaths, oneTitle, promisesAreKept } from './tidy/words.ts'

let house: Tree
beforeAll(async () => {
  house = await readTree(join(import.meta.dirname, '..'))
})

const lines = (count: number, text = 'x()\n') => text.repeat(count)

const locked = (packages: object) => JSON.stringify({ packages })

interface Habit {
  readonly title: string
  readonly check: Check
  /** Violations that must be found, each the only one of its tree: path and text, then where and how it is named. */
  readonly planted: readonly (readonly [files: Readonly<Record<string, string>>, finding: RegExp])[]
  /** What looks like one and is none. */
  readonly innocent: Readonly<Record<string, string>>
}

const catalogue = (...codes: readonly string[]) =>
  `export const catalogue = { ${codes.map((c) => `${c}: { exit: 1 }`).join(', ')} }\n`

const habits: readonly Habit[] = [
  {
    title: 'a test that starts testbeds runs on both runtimes',
    check: testbedsRunOnBoth,
    planted: [
      [{ 'src/gzs/up.zone.test.ts': 'cli = await Cli.open()\n' }, /^src\/gzs\/up\.zone\.test\.ts:1 starts a testbed/],
    ],
    innocent: { 'testbed/session/up.zone.test.ts': 'cli = await Cli.open()\n', 'src/gzs/one.zone.test.ts': 'x()\n' },
  },
  {
    title: 'a file has at most 350 lines',
    check: fileLength,
    planted: [[{ 'src/gzs/long.ts': lines(351) }, /^src\/gzs\/long\.ts:351 has 351 lines, at most 350/]],
    innocent: { 'src/gzs/full.ts': lines(350), 'data/cells.csv': lines(400) },
  },
  {
    title: 'a function has at most 60 lines',
    check: functionLength,
    planted: [
      [{ 'src/a.ts': `x()\nexport function f() {\n${lines(59)}}\n` }, /^src\/a\.ts:2 this function has 61 lines/],
      [{ 'src/a.test.ts': `it('x', () => {\n${lines(59)}})\n` }, /^src\/a\.test\.ts:1 this function has 61 lines/],
    ],
    innocent: {
      'src/b.ts': `export function f() {\n${lines(58)}}\n`,
      'src/b.test.ts': `describe('x', () => {\n${lines(100)}})\n`,
      'testbed/testing/suite.ts': `export function suite() {\ndescribe('x', () => {\n${lines(100)}})\n}\n`,
    },
  },
  {
    title: 'printing, time, chance and the environment each have one door',
    check: oneDoor,
    planted: [
      [
        { 'testbed/links/cut.ts': 'x()\nconsole.log(1)\n' },
        /^testbed\/links\/cut\.ts:2 console is for testbed\/face alone/,
      ],
      [{ 'src/gzs/now.ts': 'export const at = Date.now()' }, /^src\/gzs\/now\.ts:1 take a Clock/],
      [{ 'src/gzs/now.ts': 'const started = performance.now()' }, /take a Clock/],
      [{ 'src/gzs/now.ts': 'const at = new Date()' }, /new Date\(clock\.nowMs\(\)\)/],
      [{ 'testbed/demand/draw.ts': 'pick(Math.random)' }, /seeded source of chance/],
      [{ 'commands/up.ts': "if (process.env['CI']) x()" }, /register the variable in testbed\/surroundings\/env\.ts/],
    ],
    innocent: {
      'testbed/face/lines.ts': "console.error('x')",
      'src/sdk/model/clock.ts': 'export const now = () => Date.now()',
      'testbed/surroundings/env.ts': "process.env['HOME']",
      'testbed/report/at.ts': "const text = 'Date.now() and process.env'; new Date(clock.nowMs()) // Math.random()",
    },
  },
  {
    title: 'a command says what it does and shows examples',
    check: commandsExplainThemselves,
    planted: [
      [
        { 'commands/up.ts': "export default class Up { static override summary = 'x' }" },
        /^commands\/up\.ts:1 the command has no examples/,
      ],
      [
        {
          'commands/up.ts':
            "export default class Up { static override summary = ''; static override examples = ['x'] }",
        },
        /the command has no summary/,
      ],
      [{ 'commands/help.ts': 'export const x = 1' }, /is one command/],
    ],
    innocent: {
      'commands/down.ts':
        "export default class Down { static override summary = 'x'; static override examples = ['y'] }",
      'commands/down.test.ts': 'x()',
    },
  },
  {
    title: 'an error is in the catalogue, in docs/errors.md, and thrown somewhere',
    check: errorsAreExplained,
    planted: [
      [
        { [cataloguePath]: catalogue('EZ_A'), [errorsPath]: '# Errors\n', 'src/a.ts': "f('EZ_A')" },
        /^src\/sdk\/model\/catalogue\.ts:1 EZ_A has no section: write `### EZ_A`/,
      ],
      [
        { [cataloguePath]: catalogue('EZ_A'), [errorsPath]: '## Exit 1\n### EZ_A\n', 'src/a.test.ts': "f('EZ_A')" },
        /nobody uses EZ_A/,
      ],
      [
        { [cataloguePath]: catalogue(), [errorsPath]: '# Errors\n\n### EZ_GONE\n' },
        /^docs\/errors\.md:3 there is no EZ_GONE in the catalogue/,
      ],
      [
        {
          [cataloguePath]: catalogue('EZ_A'),
          [errorsPath]: '## Exit 1\n### EZ_A\n### EZ_A\n',
          'src/a.ts': "f('EZ_A')",
        },
        /^docs\/errors\.md:3 EZ_A has a section already/,
      ],
      [
        { [cataloguePath]: catalogue('EZ_A'), [errorsPath]: '## Exit 2: usage\n### EZ_A\n', 'src/a.ts': "f('EZ_A')" },
        /^docs\/errors\.md:2 EZ_A ends with exit 1: move it under `## Exit 1`/,
      ],
      [{ [cataloguePath]: catalogue() }, /^docs\/errors\.md:1 is missing/],
    ],
    innocent: {
      [cataloguePath]: catalogue('EZ_A', 'EZ_B'),
      [errorsPath]: '## Exit 1\n### EZ_A\n### EZ_B\n',
      'src/a.ts': "f('EZ_A')",
      ezone: 'echo EZ_B',
    },
  },
  {
    title: 'a promise for later has a number',
    check: promisesAreKept,
    planted: [
      [{ 'src/a.ts': 'x()\n// TODO: later\n' }, /^src\/a\.ts:2 TODO without a number/],
      [{ 'tools/a.ts': '/* FIXME soon */' }, /FIXME without a number/],
    ],
    innocent: { 'src/b.ts': '// TODO(#12): later\n// FIXME ADR 0004\nconst todo = 1', 'docs/a.md': 'TODO' },
  },
  {
    title: 'no path of one machine, no name of a registry',
    check: noMachinePaths,
    planted: [
      [{ 'docs/a.md': 'run\n`/root/x`\n' }, /^docs\/a\.md:2 \/root is a path of one machine/],
      [{ 'src/a.ts': "f('/work')" }, /\/work is a path/],
      [{ 'src/a.ts': "f('/home/ann/x')" }, /\/home\/ann is a path/],
      [{ 'package-lock.json': '"resolved": "https://example.test/x.tgz"' }, /^package-lock\.json:1 names a registry/],
    ],
    innocent: { 'src/b.ts': "f('/worker', './work/x', 'https://x.test/home', '/rooted', '/usr/home')" },
  },
  {
    title: 'the lock is complete, so that npm ci passes on a fresh clone',
    check: lockIsComplete,
    planted: [
      [
        { 'package-lock.json': locked({ '': { dependencies: { a: '1' } } }) },
        /^package-lock\.json:1 this package needs a/,
      ],
      [
        { 'package-lock.json': locked({ '': {}, 'node_modules/a': { optionalDependencies: { 'a-mac': '1' } } }) },
        /node_modules\/a needs a-mac, which is not locked/,
      ],
    ],
    innocent: {
      'package-lock.json': locked({
        '': { dependencies: { a: '1' } },
        'src/sdk': { dependencies: { b: '1' } },
        'node_modules/a': { dependencies: { b: '1', c: '1' } },
        'node_modules/a/node_modules/c': { dependencies: { b: '1' } },
        'node_modules/b': {},
      }),
    },
  },
  {
    title: 'what people are told to type or to read is there',
    check: mentionsExist,
    planted: [
      [{ 'docs/a.md': 'x\nTry `ezone fly`.\n' }, /^docs\/a\.md:2 there is no command `ezone fly`/],
      [{ 'src/a.ts': "hint: 'See `./ezone fly sh --now`'" }, /^src\/a\.ts:1 there is no command/],
      [
        { 'commands/up.ts': 'flags = { file: 1 }', 'README.md': 'Run `ezone up --fast`.' },
        /^README\.md:1 `ezone up` has no --fast: name a flag it has \(commands\/up\.ts\)/,
      ],
      [{ 'testbed/a.ts': "'see docs/gone.md'" }, /^testbed\/a\.ts:1 there is no docs\/gone\.md/],
    ],
    innocent: {
      'commands/up.ts': "flags = { file: 1, 'dry-run': 2 }",
      'commands/links/cut.ts': 'flags = { for: 1 }',
      'docs/a.md':
        '`ezone up --file x --dry-run --json`, `ezone links cut LINK --for 30s`, `ezone COMMAND --help`, `ezone --help`',
      'src/a.ts': "'docs/a.md'; 'docs/adr/NNNN-title.md'",
    },
  },
  {
    title: 'a decision has a number of its own and is found',
    check: decisionsAreFound,
    planted: [
      [{ 'docs/adr/0001-a.md': '# 0001 A\n' }, /^docs\/adr\/0001-a\.md:1 is not found from ARCHITECTURE\.md/],
      [{ 'docs/adr/0001-a.md': '# A\n', 'ARCHITECTURE.md': '[a](docs/adr/0001-a.md)' }, /must begin with `# 0001 …`/],
      [
        {
          'docs/adr/0001-a.md': '# 0001 A\n',
          'docs/adr/0001-b.md': '# 0001 B\n',
          'ARCHITECTURE.md': '[a](docs/adr/0001-a.md) [b](docs/adr/0001-b.md)',
        },
        /^docs\/adr\/0001-b\.md:1 there is a 0001 already/,
      ],
    ],
    innocent: { 'docs/adr/0001-a.md': '# 0001 A\n', 'ARCHITECTURE.md': '[a](docs/adr/0001-a.md)' },
  },
  {
    title: 'a page has exactly one title',
    check: oneTitle,
    planted: [
      [{ 'docs/a.md': 'text\n## b\n' }, /^docs\/a\.md:1 has no title/],
      [{ 'docs/a.md': '# a\n\n# b\n' }, /^docs\/a\.md:3 is a second title/],
    ],
    innocent: { 'docs/b.md': '# a\n\n```sh\n# a comment\n```\n## c\n' },
  },
  {
    title: 'a link between pages leads somewhere',
    check: linksResolve,
    planted: [
      [{ 'docs/a.md': '# a\n[x](b.md)\n' }, /^docs\/a\.md:2 the link b\.md leads nowhere: there is no docs\/b\.md/],
      [{ 'docs/a.md': '# a\n[x](#gone)\n' }, /^docs\/a\.md:2 docs\/a\.md has no heading #gone/],
      [{ 'docs/a.md': '# a\n\n![x](p/b.png)\n' }, /^docs\/a\.md:3 the link p\/b\.png leads nowhere/],
      [{ 'docs/a.md': '# a\n## B\n[x](#b-1)\n' }, /^docs\/a\.md:3 docs\/a\.md has no heading #b-1/],
      [{ 'docs/a.md': '# a\n\n[x]: b.md\n' }, /^docs\/a\.md:3 the link b\.md leads nowhere/],
      [
        { 'docs/a.md': '# a\n[x](b.md#c-d)\n', 'docs/b.md': '# b\n\n```sh\n## c d\n```\n' },
        /^docs\/a\.md:2 docs\/b\.md has no heading #c-d/,
      ],
    ],
    innocent: {
      'docs/c.md': '# c\n[a](adr/d.md#the-cost) [b](../src/x.ts) [c](#c) [d](https://x.test/y) [e](adr/) `[f](g)`\n',
      'docs/adr/d.md': '# d\n## The cost\n## The `cost`: again!\n## The cost\n',
      'docs/e.md': '# e\n[a](adr/d.md#the-cost-1) [b](adr/d.md#the-cost-again)\n\n![p](p/b.png) [q]\n\n[q]: adr/d.md\n',
      'docs/p/b.png': '',
      'src/x.ts': '',
    },
  },
]

describe.each(habits)('$title', ({ check, planted, innocent }) => {
  it('is so in this house', () => {
    expect(check(house).map(show)).toEqual([])
  })

  it.each(planted)('catches %j', (files, finding) => {
    const found = check(treeOf(files)).map(show)
    expect(found).toEqual([expect.stringMatching(finding)])
  })

  it('lets the innocent go', () => {
    expect(check(treeOf(innocent)).map(show)).toEqual([])
  })
})

describe('the budget of the house', () => {
  it('keeps most files short', ({ annotate }) => {
    const { files, median, p90 } = budget(house)
    void annotate(`${files} files: median ${median} lines (at most ${medianMax}), p90 ${p90} (at most ${p90Max})`)
    expect(median).toBeLessThanOrEqual(medianMax)
    expect(p90).toBeLessThanOrEqual(p90Max)
  })

  it('is counted over files without tests', () => {
    const tree = treeOf({ 'a.ts': lines(10), 'b.ts': lines(20), 'c.ts': lines(300), 'd.test.ts': lines(9) })
    expect(budget(tree)).toEqual({ files: 3, median: 20, p90: 300 })
  })
})

it('sees the house: a tree that could not be read would please every check', () => {
  expect(house.filter(({ path }) => path.startsWith('testbed/')).length).toBeGreaterThan(10)
  expect(house.some(({ path }) => path === cataloguePath)).toBe(true)
})
