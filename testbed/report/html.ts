import { languages, type Phrase } from './phrase.ts'
import { escapeMarkup } from './text.ts'

/** Markup that may stand as it is. Made by `html` alone, so that whatever else comes is escaped. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

export type Part = Html | Phrase | string | number | null | false | readonly Part[]

/** `html\`<td>${anything}</td>\``: texts are escaped, phrases stand in every language, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.map((string, index) => (index === 0 ? '' : render(parts[index - 1] ?? null)) + string).join(''),
  )
}

function render(part: Part): string {
  if (part === null || part === false) return ''
  if (part instanceof Html) return part.markup
  if (typeof part === 'string') return textOf(part)
  if (typeof part === 'number') return String(part)
  if (isList(part)) return part.map(render).join('')
  if (part.en === part.zh) return textOf(part.en)
  return languages.map((language) => `<span lang="${language}">${textOf(part[language])}</span>`).join('')
}

/** A figure and its unit stay on one line. */
const textOf = (text: string) => escapeMarkup(text).replaceAll(/(?<=\d) (?=(?:ms|s)\b|%)/g, '\u00a0')

const isList = (part: Part): part is readonly Part[] => Array.isArray(part)
