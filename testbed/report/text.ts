/** Text from outside as it may be shown anywhere: what would be invisible or turn the line around is spelled out. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`)
}

/** Control characters but tab and newline, marks of direction and of no width, and what XML does not allow. */
const unseen = /[^\P{Cc}\t\n]|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For HTML and XML, between tags and in quoted attributes. */
export const escapeMarkup = (text: string): string =>
  visible(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)

/** For Markdown, within a line: nothing of it is markup, and a cell of a table stays one. */
export const escapeMarkdown = (text: string): string =>
  visible(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/[\\`*_[\]|~]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    // A list, a title or a quotation only at the beginning.
    .replace(/^[-+#>=]|^\d+(?=[.)]\s)/, (begin) => (/\d/.test(begin) ? `${begin}\\` : `\\${begin}`))

/** Cut where nobody reads on; says so. */
export const shortened = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max)}… (${text.length - max} characters more in report.json)`
