import type { Check } from '../tidy/tree.ts'
import { codeBlocks } from './code-blocks.ts'

/** Code in a page that names its file (```ts FILE) stands there, letter by letter: examples are tests. */
export const quotesAreTrue: Check = (tree) =>
  tree.flatMap(({ path, text }) =>
    codeBlocks(text).flatMap(({ language, file, line, text: quoted }) => {
      if (language !== 'ts' || file === null) return []
      const source = tree.find((one) => one.path === file)?.text ?? ''
      return source.includes(quoted) ? [] : [{ path, line, says: `this is not in ${file}: quote it as it stands` }]
    }),
  )
