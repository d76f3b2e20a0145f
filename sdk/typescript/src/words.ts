/** Keys from words: BIP-39 and SLIP-0010. An entry of its own (`@ehb/sdk/words`), because the list of words is large. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { type Signer, signerOfSeed } from './account.js'
import { concat, toUtf8 } from './bytes.js'
import { KeyError } from './errors.js'

/** The coin type of EHB in derivation paths (BIP-44). It is not registered in SLIP-0044. */
export const COIN_TYPE = 9650

/** The path of an account's key: `m/44'/9650'/index'`. */
export const accountPath = (index = 0): string => `m/44'/${COIN_TYPE}'/${index}'`

/** New words from the system's generator: 24 of them hold 256 bits, 12 hold 128. */
export function newWords(count: 12 | 24 = 24): string {
  return entropyToMnemonic(globalThis.crypto.getRandomValues(new Uint8Array((count / 3) * 4)), wordlist)
}

/**
 * Checks words and returns them in canonical form: lower case, single spaces. The error says what is wrong; it never
 * repeats a correct word.
 */
export function checkWords(text: string): string {
  const words = text.normalize('NFKD').trim().split(/\s+/u)
  if (![12, 15, 18, 21, 24].includes(words.length)) {
    throw new KeyError(`there are 12, 15, 18, 21 or 24 words, not ${words.length}`)
  }
  const wrong = words.findIndex((word) => !wordlist.includes(word))
  if (wrong >= 0) throw new KeyError(`word ${wrong + 1} is not in the list of BIP-39: check its spelling (lower case, English)`)
  const joined = words.join(' ')
  try {
    mnemonicToEntropy(joined, wordlist).fill(0)
  } catch {
    throw new KeyError('the checksum of the words is wrong: a word is another one, or two changed places')
  }
  return joined
}

/** The BIP-39 seed of words, 64 bytes. */
export function seedOfWords(words: string, passphrase = ''): Promise<Uint8Array> {
  return mnemonicToSeed(checkWords(words), passphrase)
}

/** The Ed25519 seed at a path of hardened steps (SLIP-0010), such as `m/44'/9650'/0'`. */
export function deriveSeed(seed: Uint8Array, path: string): Uint8Array {
  let node = hmac(sha512, toUtf8('ed25519 seed'), seed)
  for (const step of stepsOf(path)) {
    const index = new Uint8Array(4)
    new DataView(index.buffer).setUint32(0, step + HARDENED)
    const next = hmac(sha512, node.subarray(32), concat(Uint8Array.of(0), node.subarray(0, 32), index))
    node.fill(0)
    node = next
  }
  return node.slice(0, 32)
}

const HARDENED = 2 ** 31
/** The largest number of steps of a path. */
const STEPS_MAX = 255

function stepsOf(path: string): number[] {
  const [root, ...steps] = path.split('/')
  if (root !== 'm' || steps.length > STEPS_MAX) throw new KeyError('a path begins with m and has at most 255 steps')
  return steps.map((text) => {
    const number = Number(/^(0|[1-9][0-9]{0,9})'$/.exec(text)?.[1])
    if (!(number < HARDENED)) throw new KeyError(`each step of a path is a number below 2^31 and ', such as 44'; Ed25519 has no others`)
    return number
  })
}

/** The account of words: the key at `accountPath(index)`. */
export async function signerOfWords(words: string, options: { passphrase?: string; index?: number } = {}): Promise<Signer> {
  const seed = await seedOfWords(words, options.passphrase)
  return signerOfSeed(deriveSeed(seed, accountPath(options.index)))
}
