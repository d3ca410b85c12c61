/** One command of a shell script: its words as the program gets them, but for what only the shell can know. */
export interface ShellCommand {
  /** Of its first word, from 1. */
  readonly line: number
  /** Quotes are gone; `$name` stands as it is, `$(…)` is `$()`, and what is in it is a command of its own. */
  readonly words: readonly string[]
}

/** Words that stand before a command. */
const before: ReadonlySet<string> = new Set(['do', 'then', 'else', 'if', 'while', 'until', '!', 'time', 'exec', 'sudo'])

/**
 * The commands of a script, those in pipes, lists and `$(…)` too, in the order they are written. Knows as much of the
 * shell as a page shows: quotes, comments, redirections, continued lines. @throws where it meets more
 */
export function shellCommands(script: string, firstLine = 1): readonly ShellCommand[] {
  const scanner = new Scanner(script, firstLine)
  scanner.commands(null)
  return scanner.found
}

class Scanner {
  readonly found: ShellCommand[] = []
  readonly #text: string
  #at = 0
  #line: number

  constructor(text: string, line: number) {
    this.#text = text
    this.#line = line
  }

  /** Reads commands up to the end, or up to the bracket that closes a `$(`. */
  commands(end: ')' | null): void {
    let words: string[] = []
    let line = this.#line
    const flush = () => {
      const at = words.findIndex((word) => !before.has(word) && !/^\w+=/.test(word))
      if (at >= 0) this.found.push({ line, words: words.slice(at) })
      words = []
    }
    for (;;) {
      const next = this.#text[this.#at]
      if (next === undefined || next === end) {
        if (next === undefined && end !== null) throw new Error(`line ${this.#line}: a $( that is not closed`)
        this.#at++
        flush()
        return
      }
      if (this.#take(/[ \t]+|\\\n/y) !== null) continue
      if (this.#take(/#[^\n]*/y) !== null) continue
      if (this.#take(/[\n;&|()]/y) !== null) flush()
      else if (this.#take(/\d*(>>|>&|>|<)(?!<)[ \t]*/y) !== null) this.#word()
      else {
        if (words.length === 0) line = this.#line
        words.push(this.#word())
      }
    }
  }

  /** Reads one word, whatever it is made of. */
  #word(): string {
    let word = ''
    for (;;) {
      const plain = this.#take(/[^\s;&|()<>'"\\$`]+/y)
      const escaped = plain === null ? this.#take(/\\[^\n]/y) : null
      const quoted = this.#take(/'[^']*'/y)
      if (plain === null && escaped === null && quoted === null) {
        if (this.#take(/"/y) !== null) word += this.#doubleQuoted()
        else if (this.#text[this.#at] === '$') word += this.#dollar()
        else if (/[`<'"]/.test(this.#text[this.#at] ?? '')) throw new Error(`line ${this.#line}: too much of a shell`)
        else return word
      }
      word += (plain ?? '') + (escaped ?? '').slice(1) + (quoted ?? '').slice(1, -1)
    }
  }

  #doubleQuoted(): string {
    let text = ''
    for (;;) {
      if (this.#take(/"/y) !== null) return text
      const plain = this.#take(/[^"\\$]+/y)
      const escaped = this.#take(/\\[\s\S]/y)
      if (plain !== null || escaped !== null) text += (plain ?? '') + (escaped ?? '').slice(1)
      else if (this.#text[this.#at] === '$') text += this.#dollar()
      else throw new Error(`line ${this.#line}: a quote that is not closed`)
    }
  }

  #dollar(): string {
    if (this.#take(/\$\(/y) === null) return this.#take(/\$(\w+|\{\w+\}|[?!$#@*]|)/y) ?? ''
    this.commands(')')
    return '$()'
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined || found === '') return null
    this.#at += found.length
    this.#line += found.split('\n').length - 1
    return found
  }
}
