import { type Check, linesWith } from './tree.ts'

/** Where such tests stand that docker runs too; vitest.config.ts says the same. */
const onBoth = /^(commands\/.*[.]zone|testbed\/session\/[^/]*[.](zone|long))[.]test[.]ts$/

/** A test that starts whole testbeds shall run on every runtime, so it stands where both projects look. */
export const testbedsRunOnBoth: Check = (tree) =>
  tree
    .filter(({ path }) => /[.](zone|long)[.]test[.]ts$/.test(path) && !onBoth.test(path))
    .flatMap((file) =>
      linesWith(file, /\bCli[.]open\(/, () => 'starts a testbed: move it to commands or testbed/session, for docker'),
    )
