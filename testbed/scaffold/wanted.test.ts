import { describe, expect, it } from 'vitest'
import type { Template } from './templates.ts'
import { type Ask, complete, type Said } from './wanted.ts'

const said = (name?: string, template?: Template): Said => ({ name, template })
const nobody = { yes: false, ask: null }

/** Somebody who answers `asked` and `job` to whatever was not said. */
const somebody: Ask = async ({ name = 'asked', template = 'job' }) => ({ name, template })
const never: Ask = () => Promise.reject(new Error('asked for what was said'))

describe('what is wanted', () => {
  it('is what was said, and nobody is asked', async () => {
    const wanted = { name: 'demo', template: 'consumer' }
    expect(await complete(said('demo', 'consumer'), { yes: false, ask: never })).toEqual(wanted)
    expect(await complete(said('demo', 'consumer'), nobody)).toEqual(wanted)
  })

  it('is asked for where somebody is there', async () => {
    expect(await complete(said(), { yes: false, ask: somebody })).toEqual({ name: 'asked', template: 'job' })
    expect(await complete(said('demo'), { yes: false, ask: somebody })).toEqual({ name: 'demo', template: 'job' })
  })

  it('is the template api with --yes, which never asks', async () => {
    expect(await complete(said('demo'), { yes: true, ask: never })).toEqual({ name: 'demo', template: 'api' })
  })

  it.each([
    ['NAME and --template', said(), nobody],
    ['--template', said('demo'), nobody],
    ['NAME', said(undefined, 'job'), nobody],
    ['NAME', said(), { yes: true, ask: never }],
  ])('is refused without %s where nobody can be asked', async (missing, what, who) => {
    const error = { code: 'EZ_USAGE', message: `${missing} missing, and nobody is there to be asked` }
    await expect(complete(what, who)).rejects.toMatchObject(error)
  })
})
