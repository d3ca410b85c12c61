import { defineConfig } from 'vitest/config'

const shared = { environment: 'node', disableConsoleIntercept: true } as const
const source = { resolve: { conditions: ['ezone-source'] }, ssr: { resolve: { conditions: ['ezone-source', 'node'] } } }
const built = ['**/dist/**', '**/node_modules/**']

/** Real servers: one file after the other, or two testbeds measure each other's load. */
const withServers = {
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 180_000,
  globalSetup: 'tools/build-first.ts',
} as const

/** Tests of whole testbeds: they start what EZONE_TEST_RUNTIME says. */
const testbedTests = ['commands/**/*.zone.test.ts', 'testbed/session/*.{zone,long}.test.ts']

export default defineConfig({
  ...source,
  test: {
    projects: [
      {
        ...source,
        test: {
          ...shared,
          name: 'unit',
          include: ['{commands,examples,src,templates,testbed,tools}/**/*.test.ts'],
          exclude: ['**/*.{zone,long,drill,docker}.test.ts', ...built],
          // None of them waits for anything; a machine that is busy is no failure.
          testTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          ...shared,
          ...withServers,
          name: 'zone',
          include: ['{commands,src,testbed}/**/*.zone.test.ts'],
          exclude: built,
        },
      },
      {
        // Zone tests that kill again and again, or wait for leases and sessions to end: twenty seconds
        // and more each, so `.ci/run` has them alone.
        ...source,
        test: {
          ...shared,
          ...withServers,
          name: 'long',
          include: ['{commands,src,testbed}/**/*.long.test.ts'],
          exclude: built,
        },
      },
      {
        // Switches, faults and kills at every step, for minutes each: `npm run test:drills`.
        ...source,
        test: {
          ...shared,
          ...withServers,
          name: 'drill',
          include: ['{commands,src,testbed}/**/*.drill.test.ts'],
          exclude: built,
          testTimeout: 240_000,
        },
      },
      {
        // The same testbeds on the other runtime, and what only Docker has. Zone tests that start servers one by one are
        // not here: they start them as processes wherever they run.
        ...source,
        test: {
          ...shared,
          ...withServers,
          name: 'docker',
          include: ['{commands,src,testbed}/**/*.docker.test.ts', ...testbedTests],
          exclude: built,
          env: { EZONE_TEST_RUNTIME: 'docker' },
        },
      },
    ],
  },
})
