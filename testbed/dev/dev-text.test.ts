import { expect, it } from 'vitest'
import { devLine } from './dev-text.ts'
import type { DevEvent } from './events.ts'

const prefix = (zone: string) => `[${zone}]`
const reach = {
  type: 'reachable',
  zone: 'sh',
  city: 'Shanghai',
  tag: 'geo=31.23,121.47',
  url: 'http://h/services/demo/',
} as const
const cases: readonly (readonly [DevEvent, 'stdout' | 'stderr', RegExp])[] = [
  [{ type: 'log', zone: 'sh', text: '{"level":30,"msg":"hello"}' }, 'stdout', /^\[sh\] \| hello$/],
  [{ type: 'serving', zone: 'sh', address: { host: 'h', port: 1 }, ms: 7 }, 'stderr', /^sh serves after 7 ms$/],
  [{ type: 'changed', files: ['a', 'b', 'c', 'd', 'e'] }, 'stderr', /a, b, c and 2 more$/],
  [{ type: 'kept', zone: 'sh', serving: true, why: 'it broke' }, 'stderr', /it broke\nthe one before it goes on in sh/],
  [{ type: 'kept', zone: 'sh', serving: false, why: 'it broke' }, 'stderr', /nothing serves in sh/],
  [
    { type: 'crashed', zone: 'sh', exit: 3, signal: null, lastLines: ['boom'], againInMs: 500 },
    'stderr',
    /\(exit 3\)[\s\S]*\| boom\nit is started again in 500 ms/,
  ],
  [
    { type: 'crashed', zone: 'sh', exit: null, signal: 'SIGKILL', lastLines: [], againInMs: null },
    'stderr',
    /by SIGKILL[\s\S]*printed nothing\n.*when something is saved/,
  ],
  [
    { ...reach, answered: 200 },
    'stderr',
    /^200 from sh: curl -H 'x-ezone-tag: geo=31.23,121.47' http:\/\/h\/services\/demo\/ +# Shanghai$/,
  ],
  [{ ...reach, answered: null }, 'stderr', /^NOT reached yet: curl/],
  [{ type: 'warning', text: 'so' }, 'stderr', /^warning: so$/],
]

it.each(cases)('%j is told on %s', (event, to, text) => {
  expect(devLine(event, prefix)).toEqual({ to, text: expect.stringMatching(text) })
})

it('what only begins is not worth a line', () => {
  expect(devLine({ type: 'starting', zone: 'sh', pid: 7 }, prefix)).toBeNull()
})
