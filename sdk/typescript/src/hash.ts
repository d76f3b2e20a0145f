/** Hashes with the tag of their domain. */
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
  const start = sha256.create().update(block)
  return (left, right) => {
    // What the hasher holds after whole blocks: its state, without the padding of a digest.
    const state = start.clone().update(concat(left, right)) as unknown as { get(): number[] }
    const bytes = new Uint8Array(32)
    const view = new DataView(bytes.buffer)
    state.get().forEach((word, index) => view.setUint32(index * 4, word))
    return bytes
  }
}
