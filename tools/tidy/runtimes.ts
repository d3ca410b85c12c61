import { type Check, linesWith } from './tree.ts'

/** Where zone tests stand that docker runs too; vitest.config.ts says the same. */
const onBoth = /^(commands\/.*|testbed\/session\/[^/]*)[.]zone[.]test[.]ts$/

/** A test that starts whole testbeds shall run on every runtime, so it stands where both projects look. */
export const testbedsRunOnBoth: Check = (tree) =>
  tree
    .filter(({ path }) => path.endsWith('.zone.test.ts') && !onBoth.test(path))
    .flatMap((file) =>
      linesWith(file, /\bCli[.]open\(/, () => 'starts a testbed: move it to commands or testbed/session, for docker'),
    )
