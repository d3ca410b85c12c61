/** What a check has found of a service. */
export interface Finding {
  readonly verdict: 'valid' | 'invalid' | 'unknown'
  /** What was looked at: requests, mostly. */
  readonly checked: number
  /** The first thing that is not as it must be, or why that cannot be told; null where all is well. */
  readonly why: string | null
}

export interface NamedFinding extends Finding {
  readonly name: string
  /** What is claimed. */
  readonly statement: string
}

export const broken = (checked: number, why: string): Finding => ({ verdict: 'invalid', checked, why })
export const holds = (checked: number): Finding => ({ verdict: 'valid', checked, why: null })
export const unknown = (why: string): Finding => ({ verdict: 'unknown', checked: 0, why })

/** The worst of them; nothing checked is not known. */
export function worst(findings: readonly Finding[]): Finding['verdict'] {
  if (findings.some(({ verdict }) => verdict === 'invalid')) return 'invalid'
  return findings.length > 0 && findings.every(({ verdict }) => verdict === 'valid') ? 'valid' : 'unknown'
}
