/** Addresses are bech32m as another library reads and writes it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressFromText, addressToText } from '@ehb/sdk'
import { bech32m } from '@scure/base'

const LETTERS = ' !0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~é'

/** What the other library reads, where it is an address. */
function read(text: string): Uint8Array | undefined {
  try {
    const { prefix, words } = bech32m.decode(text as `${string}1${string}`)
    const bytes = bech32m.fromWordsUnsafe(words)
    return prefix === 'ehbt' && bytes?.length === 32 && text === text.toLowerCase() ? bytes : undefined
  } catch {
    return undefined
  }
}

function own(text: string): Uint8Array | undefined {
  try {
    return addressFromText('test', text)
  } catch (error) {
    assert.equal((error as any).kind, 'address', text)
    return undefined
  }
}

test('addresses are written and read as by another library', () => {
  for (let seed = 0; seed < 64; seed++) {
    const bytes = Uint8Array.from({ length: 32 }, (_, at) => (seed * 37 + at * at * 11 + at) & 255)
    const text = bech32m.encode('ehbt', bech32m.toWords(bytes))
    assert.equal(addressToText('test', bytes), text)
    assert.deepEqual(own(text), bytes)
    const changed = [text.toUpperCase(), text.slice(1), text.slice(0, -1), `${text}q`, text.replace('1', ''), `1${text}`, '']
    for (const [at] of [...text].entries()) {
      const letter = LETTERS[(seed + at * 7) % LETTERS.length]!
      changed.push(text.slice(0, at) + letter + text.slice(at + 1), text.slice(0, at) + letter + text.slice(at))
    }
    for (const it of changed) assert.deepEqual(own(it), read(it), it)
  }
  // Other lengths, prefixes and padding bits, each with a right checksum.
  for (const words of [[...bech32m.toWords(new Uint8Array(31))], [...bech32m.toWords(new Uint8Array(32)), 0], Array<number>(52).fill(1), []]) {
    for (const prefix of ['ehbt', 'ehb', 'e~1']) {
      const text = bech32m.encode(prefix, words)
      assert.deepEqual(own(text), read(text), text)
    }
  }
})
