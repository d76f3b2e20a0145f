import { sha256 } from '@noble/hashes/sha2.js'
import { concat, toUtf8 } from './bytes.js'

/** The tag of each domain: a hash or signature for one purpose is never valid for another. */
export const DOMAINS = {
  transaction: 'ehb/transaction/v1',
  header: 'ehb/header/v1',
  vote: 'ehb/vote/v1',
  receipt: 'ehb/receipt/v1',
  genesis: 'ehb/genesis/v1',
  accountAddress: 'ehb/address/account/v1',
  moduleAddress: 'ehb/address/module/v1',
  moduleCode: 'ehb/module/v1',
  validatorSet: 'ehb/validators/v1',
  certificate: 'ehb/certificate/v1',
  stateKey: 'ehb/state/key/v1',
  stateLeaf: 'ehb/state/leaf/v1',
  stateNode: 'ehb/state/node/v1',
  stateValue: 'ehb/state/value/v1',
} as const

/** The purpose of a hash or signature. */
export type Domain = keyof typeof DOMAINS

const tags = new Map<Domain, Uint8Array>()

/** A domain's tag after its length in one byte. */
function tagOf(domain: Domain): Uint8Array {
  let tag = tags.get(domain)
  if (tag === undefined) {
    const text = toUtf8(DOMAINS[domain])
    tag = concat(Uint8Array.of(text.length), text)
    tags.set(domain, tag)
  }
  return tag
}

/** SHA-256 under a domain. */
export function hash(domain: Domain, bytes: Uint8Array): Uint8Array {
  return sha256(concat(tagOf(domain), bytes))
}

/** The bytes that a key signs: the domain's tag, the chain's genesis hash, the payload. */
export function signedMessage(domain: Domain, chain: Uint8Array, payload: Uint8Array): Uint8Array {
  return concat(tagOf(domain), chain, payload)
}

/**
 * Hashes a pair of hashes with a single compression of SHA-256, from the state after one block that holds
 * 128 + the tag's length, the tag and zeros.
 */
export function pairHasher(domain: Domain): (left: Uint8Array, right: Uint8Array) => Uint8Array {
  const block = new Uint8Array(64)
  block.set(tagOf(domain))
  block[0]! |= 0x80
  const start = compress(INITIAL, block)
  return (left, right) => {
    const bytes = new Uint8Array(32)
    const view = new DataView(bytes.buffer)
    compress(start, concat(left, right)).forEach((word, index) => view.setUint32(index * 4, word))
    return bytes
  }
}

/** The initial state of SHA-256 (FIPS 180-4, section 5.3.3). */
const INITIAL = /* @__PURE__ */ Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
)

/** The round constants of SHA-256 (FIPS 180-4, section 4.2.2): of the cube roots of the first 64 primes. */
const ROUNDS = /* @__PURE__ */ (() => {
  const rounds: number[] = []
  for (let candidate = 2; rounds.length < 64; candidate++) {
    let isPrime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) isPrime = false
    }
    if (isPrime) rounds.push((Math.cbrt(candidate) % 1) * 2 ** 32)
  }
  return Uint32Array.from(rounds)
})()

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The compression function of SHA-256 (FIPS 180-4, section 6.2.2). */
function compress(state: Uint32Array, block: Uint8Array): Uint32Array {
  const view = new DataView(block.buffer, block.byteOffset, 64)
  const w = new Uint32Array(64)
  for (let t = 0; t < 16; t++) w[t] = view.getUint32(t * 4)
  for (let t = 16; t < 64; t++) {
    const [x, y] = [w[t - 15]!, w[t - 2]!]
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[t] = w[t - 16]! + s0 + w[t - 7]! + s1
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[t]! + w[t]!) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0]
  }
  return state.map((word, index) => word + [a, b, c, d, e, f, g, h][index]!)
}
