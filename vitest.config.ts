import { defineConfig } from 'vitest/config'

const shared = {
  environment: 'node',
  disableConsoleIntercept: true,
} as const
const source = { resolve: { conditions: ['ezone-source'] }, ssr: { resolve: { conditions: ['ezone-source', 'node'] } } }

export default defineConfig({
  ...source,
  test: {
    projects: [
      {
        ...source,
        test: {
          ...shared,
          name: 'unit',
          include: ['{commands,src,testbed,tools}/**/*.test.ts'],
          exclude: ['**/*.zone.test.ts', '**/*.docker.test.ts', '**/dist/**', '**/node_modules/**'],
        },
      },
      {
        ...source,
        test: {
          ...shared,
          name: 'zone',
          include: ['{commands,src,testbed}/**/*.zone.test.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
