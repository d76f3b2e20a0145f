/** The genesis file: its hash by content, and the validators that it trusts. */
import { Writer } from './borsh.js'
import { compare, concat, toUtf8 } from './bytes.js'
import { ProofError } from './errors.js'
import { hash } from './hash.js'
import { type Trust, validatorSet } from './trust.js'

/** The deepest nesting of a genesis file's JSON. */
const DEPTH_MAX = 128

/**
 * The genesis hash of the text of a genesis file as a node or `ehb-testnet` writes it, with every parameter. It covers
 * the content: layout and order of keys do not matter. A file that omits parameters has another text at the node
 * (`chain_getGenesis`), which is the one to hash.
 */
export function genesisHash(text: string): Uint8Array {
  const reader = new ContentReader(text)
  const result = reader.value(0)
  reader.end()
  return result
}

/** Trusts the validators of a genesis file, which must have come from a trusted place. */
export function trustGenesis(text: string): Trust {
  const chain = genesisHash(text)
  const { validators } = JSON.parse(text) ?? {}
  if (!Array.isArray(validators)) throw new ProofError('the genesis names no validators')
  const views = validators.map((it) => ({
    name: it?.name,
    consensusKey: it?.consensus_key,
    nodeKey: it?.node_key,
    // Exact, since a sum of powers beyond 2^53 would not be the one that was hashed.
    power: Number.isSafeInteger(it?.power) ? String(it.power) : '',
  }))
  views.sort((a, b) => (String(a.consensusKey) < String(b.consensusKey) ? -1 : 1))
  return { chain, validators: validatorSet(views) }
}

/** Hashes JSON while it reads it: numbers keep their digits, which `JSON.parse` rounds above 2^53. */
class ContentReader {
  #at = 0

  constructor(readonly text: string) {}

  value(depth: number): Uint8Array {
    if (depth > DEPTH_MAX) throw this.#wrong('it nests too deep')
    const first = this.#peek()
    if (first === '[') return this.#array(depth)
    if (first === '{') return this.#object(depth)
    return hash('genesis', toUtf8(first === '"' ? JSON.stringify(this.#string()) : this.#scalar()))
  }

  end(): void {
    if (this.#peek() !== '') throw this.#wrong('text follows after the value')
  }

  #array(depth: number): Uint8Array {
    const hashes: Uint8Array[] = []
    this.#members('[', ']', () => hashes.push(this.value(depth + 1)))
    const writer = new Writer()
    writer.list(hashes, (it) => writer.raw(it))
    return hash('genesis', concat(toUtf8('['), writer.finish()))
  }

  #object(depth: number): Uint8Array {
    const members: { key: Uint8Array; hash: Uint8Array }[] = []
    const known = new Set<string>()
    this.#members('{', '}', () => {
      if (this.#peek() !== '"') throw this.#wrong('a key is expected')
      const key = this.#string()
      if (known.has(key)) throw this.#wrong(`the key ${key.slice(0, 64)} is there twice`)
      known.add(key)
      this.#take(':')
      members.push({ key: toUtf8(key), hash: this.value(depth + 1) })
    })
    members.sort((a, b) => compare(a.key, b.key))
    const writer = new Writer()
    writer.list(members, (it) => writer.bytes(it.key).raw(it.hash))
    return hash('genesis', concat(toUtf8('{'), writer.finish()))
  }

  #members(open: string, close: string, member: () => void): void {
    this.#take(open)
    if (this.#peek() !== close) {
      do member()
      while (this.#peek() === ',' && this.#take(','))
    }
    this.#take(close)
  }

  #string(): string {
    const [text] = this.#match(/"(?:[^"\\]|\\.)*"/y, 'a text')
    try {
      return JSON.parse(text)
    } catch {
      throw this.#wrong('a text is malformed')
    }
  }

  #scalar(): string {
    return this.#match(/true|false|null|-?(?:0|[1-9][0-9]*)/y, 'a value')[0]
  }

  #match(pattern: RegExp, what: string): RegExpExecArray {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match === null) throw this.#wrong(`${what} is expected`)
    this.#at = pattern.lastIndex
    return match
  }

  /** The next character that is no space; empty at the end. */
  #peek(): string {
    while (/[ \t\r\n]/.test(this.text[this.#at] ?? '')) this.#at++
    return this.text[this.#at] ?? ''
  }

  #take(character: string): true {
    if (this.#peek() !== character) throw this.#wrong(`${character} is expected`)
    this.#at++
    return true
  }

  #wrong(problem: string): ProofError {
    return new ProofError(`the genesis is not JSON as a node writes it: at character ${this.#at}, ${problem}`)
  }
}
