/**
 * Names of all elements of an XML document, in their order. A strict reader of the part of XML that we write: it throws at
 * whatever a real one would.
 */
export function elementsOf(xml: string): readonly string[] {
  const open: string[] = []
  const found: string[] = []
  const token = /<\?xml [^<>]*\?>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at
    const [all, ended, begun, attributes = '', empty, text] = token.exec(xml) ?? []
    if (all === undefined) throw new Error(`not well formed at ${at}: ${xml.slice(at, at + 60)}`)
    requireEntities(`${attributes}${text ?? ''}`)
    if (ended !== undefined && open.pop() !== ended) throw new Error(`</${ended}> ends what is not open`)
    if (begun === undefined) continue
    requireUnique(attributes)
    found.push(begun)
    if (empty === '') open.push(begun)
  }
  if (open.length > 0) throw new Error(`${open.join()} is never ended`)
  return found
}

function requireEntities(text: string): void {
  const bad = /&(?!(?:amp|lt|gt|quot|#\d+|#x[\da-f]+);)/i.exec(text)
  if (bad !== null) throw new Error(`a bare & in ${text.slice(bad.index, bad.index + 20)}`)
  if (/[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/u.test(text)) throw new Error('a character that XML does not allow')
}

function requireUnique(attributes: string): void {
  const names = [...attributes.matchAll(/([\w-]+)="/g)].map(([, name]) => name)
  if (new Set(names).size !== names.length) throw new Error(`an attribute twice: ${names.join()}`)
}
