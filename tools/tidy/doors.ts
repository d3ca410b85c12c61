import ts from 'typescript'
import { lineOf, parsed, walk } from './syntax.ts'
import { type Check, type File, isTypeScript } from './tree.ts'

/** Something that may be used in one place only, so that a test can put another in its stead. */
interface Door {
  /** True for the syntax that goes through it. */
  readonly is: (node: ts.Node, source: ts.SourceFile) => boolean
  readonly allowed: RegExp
  readonly instead: string
}

/** Programs of the workshop: they are run by hand, measure real time, and print. */
const workshop = 'tools/|bench/|examples/|[^/]+[.](ts|mjs)$'

/** Runs in k6, where none of ours can be handed in: it prints lines to be read, and reads k6's clock. */
const inK6 = 'testbed/stress/k6/'

const doors: readonly Door[] = [
  {
    is: (node, source) => ts.isPropertyAccessExpression(node) && node.expression.getText(source) === 'console',
    allowed: new RegExp(`^(testbed/face/|${inK6}|${workshop})`),
    instead: 'console is for testbed/face alone: return data, or log with the logger of the service',
  },
  {
    is: (node, source) => ts.isPropertyAccessExpression(node) && clocks.has(node.getText(source)),
    allowed: new RegExp(`^(src/sdk/model/clock[.]ts$|${inK6}|${workshop})`),
    instead: 'take a Clock (@ezone/sdk/model) and a seeded source of chance, so that a test can hand in its own',
  },
  {
    is: (node, source) =>
      ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length,
    allowed: new RegExp(`^(src/sdk/model/clock[.]ts$|${workshop})`),
    instead: 'take a Clock (@ezone/sdk/model): new Date(clock.nowMs())',
  },
  {
    is: (node, source) => ts.isPropertyAccessExpression(node) && node.getText(source) === 'process.env',
    // Tests hand the surroundings they run in on to the programs they start.
    allowed: new RegExp(
      `^(testbed/surroundings/env[.]ts$|testbed/testing/|src/sdk/service/|.*[.]test[.]ts$|${workshop})`,
    ),
    instead: 'register the variable in testbed/surroundings/env.ts and read it with env()',
  },
]
const clocks: ReadonlySet<string> = new Set(['Date.now', 'Math.random', 'performance.now'])

export const oneDoor: Check = (tree) => tree.filter(isTypeScript).flatMap(beside)

function beside(file: File) {
  const source = parsed(file)
  return walk(source).flatMap((node) =>
    doors
      .filter((door) => !door.allowed.test(file.path) && door.is(node, source))
      .map((door) => ({ path: file.path, line: lineOf(source, node), says: door.instead })),
  )
}
