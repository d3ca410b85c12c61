import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { takeSlot } from './slots.ts'
import { slotsMax } from './spec.ts'

it('a service is developed once per testbed; each has a number of its own while there are any', async () => {
  await using at = await mkdtempDisposable(join(tmpdir(), 'slots-'))
  await using stack = new AsyncDisposableStack()
  const numbers: number[] = []
  for (let i = 0; i < slotsMax; i++) numbers.push(stack.use(await takeSlot(at.path, `demo-${i}`)).number)
  expect(numbers).toEqual(Array.from({ length: slotsMax }, (_, i) => i))
  const twice = { code: 'EZ_DEV_RUNNING', message: expect.stringContaining(`pid ${process.pid}`) }
  await expect(takeSlot(at.path, 'demo-3')).rejects.toMatchObject(twice)
  await expect(takeSlot(at.path, 'more')).rejects.toMatchObject({ code: 'EZ_PORT_TAKEN' })
  await stack.disposeAsync()
  // Neither the name nor the number is lost by an attempt that failed.
  await using again = await takeSlot(at.path, 'more')
  expect(again.number).toBe(0)
})
