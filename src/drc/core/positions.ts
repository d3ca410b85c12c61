import type { LoggedTransaction } from './types.ts'

/**
 * Whether a transaction of the log is the one to apply now. Numbers of a server rise but need not be without holes, so each
 * transaction names the one before it: what is missing in between cannot go unseen.
 *
 * @param position number of the last one applied; 0 where none of that server was
 * @returns `done`: applied before (the log repeats after a crash of the relay). `gap`: one before it never came.
 */
export function judge(
  position: number,
  { previous, gno }: Pick<LoggedTransaction, 'previous' | 'gno'>,
): 'next' | 'done' | 'gap' {
  if (gno <= position) return 'done'
  return previous === position ? 'next' : 'gap'
}
