import { describe, expect, it } from 'vitest'
import { forTestbed, nameIn } from './testbed-name.ts'

describe('the testbed a command line names', () => {
  it.each([
    [['up', '--name', 'two'], 'two'],
    [['up', '-n', 'two'], 'two'],
    [['--name=two', 'up'], 'two'],
    [['up'], undefined],
  ])('in %j is %s', (argv, name) => expect(nameIn(argv)).toBe(name))
})

describe('a command in a hint', () => {
  it('means the testbed that the error was about', () => {
    expect(forTestbed('Take it down with `ezone down`, then `ezone up`.', 'two')).toBe(
      'Take it down with `ezone down --name two`, then `ezone up --name two`.',
    )
  })

  it('stays as it is where none was named, where it names one itself, or where it is about none', () => {
    expect(forTestbed('`ezone up`', undefined)).toBe('`ezone up`')
    expect(forTestbed('`ezone down --name NAME`, `ezone ps`', 'two')).toBe('`ezone down --name NAME`, `ezone ps`')
  })
})
