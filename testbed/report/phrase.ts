/** The languages a report can be read in. */
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** Words for people, in every language a report can be read in. Plain text: whoever shows it escapes it. */
export type Phrase = Readonly<Record<Language, string>>

export const phrase = (en: string, zh: string): Phrase => ({ en, zh })

/** What is the same in every language: an id, a figure, words of the platform. */
export const same = (text: string): Phrase => ({ en: text, zh: text })

/** 12345 -> `12.3 s`, 840 -> `840 ms`. */
export function msText(ms: number | null): string {
  if (ms === null) return '–'
  if (Math.abs(ms) < 1_000) return `${Math.round(ms)} ms`
  return `${(ms / 1_000).toFixed(Math.abs(ms) < 100_000 ? 1 : 0)} s`
}

/** A moment of the run, by its own clock: `12.3 s`. */
export const atText = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(1)} s`)

export const countText = (count: number): string => Math.round(count).toLocaleString('en')

/** Never rounds up to a whole: 99.996 % is not 100 %. */
export function percentText(share: number): string {
  const percent = share * 100
  const digits = percent > 99 || percent < 1 ? 2 : 1
  const rounded = percent.toFixed(digits)
  if (share < 1 && Number(rounded) === 100) return '>99.99 %'
  if (share > 0 && Number(rounded) === 0) return '<0.01 %'
  return `${Number(rounded)} %`
}
