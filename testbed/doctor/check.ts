/** What a check found. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'problem'
  readonly text: string
  /** Where it comes from, or what it does to a testbed. Absent where all is well. */
  readonly cause?: string
  /** A command or a sentence; absent where nothing is to be done. */
  readonly fix?: string
}

export const ok = (text: string): Finding => ({ status: 'ok', text })

/** One thing that can be wrong on a machine. A check that throws is a finding too: it never stops the others. */
export interface Check {
  readonly name: string
  run(signal: AbortSignal): Promise<Finding>
}

export interface Diagnosis extends Finding {
  readonly name: string
}

const checkMs = 5_000

export async function diagnose(checks: readonly Check[], signal: AbortSignal): Promise<readonly Diagnosis[]> {
  return Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        return { name, ...(await run(AbortSignal.any([signal, AbortSignal.timeout(checkMs)]))) }
      } catch (error) {
        signal.throwIfAborted()
        return { name, status: 'problem' as const, text: `could not be checked: ${(error as Error).message}` }
      }
    }),
  )
}
