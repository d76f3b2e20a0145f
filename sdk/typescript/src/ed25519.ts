/** Ed25519 keys that sign, and the verification of signatures. */
import * as noble from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat } from './bytes.js'
import { KeyError } from './errors.js'

/** A signing key. Its secret may be inaccessible: in a hardware device, or in WebCrypto. */
export interface KeySigner {
  /** The Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Signs a message by RFC 8032. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** The prefix of the seed in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7). */
const PKCS8_PREFIX = /* @__PURE__ */ Uint8Array.of(
  0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
)
const ALGORITHM = { name: 'Ed25519' }

/** Noble's synchronous functions: they also work where a page has no WebCrypto (plain HTTP). */
function pure(): typeof noble {
  noble.hashes.sha512 = sha512
  return noble
}

const subtle = (): SubtleCrypto | undefined => globalThis.crypto?.subtle

/** The public key of a 32-byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  if (seed.length !== 32) throw new KeyError(`a seed has 32 bytes, not ${seed.length}`)
  return pure().getPublicKey(seed)
}

/** A new random seed, from the system's generator. */
export function randomSeed(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(32))
}

/**
 * A key from its 32-byte seed: signs with WebCrypto where that knows Ed25519, else with `@noble/ed25519`.
 * The signatures are the same bytes.
 */
export async function keyOfSeed(seed: Uint8Array): Promise<KeySigner> {
  const publicKey = publicKeyOf(seed)
  const key = await imported(seed)
  if (key !== undefined) return keyOfCryptoKey(publicKey, key)
  const kept = seed.slice()
  return { publicKey, sign: async (message) => pure().sign(message, kept) }
}

/** A key that WebCrypto holds, which need not be extractable. */
export function keyOfCryptoKey(publicKey: Uint8Array, privateKey: CryptoKey): KeySigner {
  return {
    publicKey,
    sign: async (message) => {
      const signature = await crypto.subtle.sign(ALGORITHM, privateKey, message as BufferSource)
      return new Uint8Array(signature)
    },
  }
}

async function imported(seed: Uint8Array): Promise<CryptoKey | undefined> {
  const pkcs8 = concat(PKCS8_PREFIX, seed)
  try {
    return await subtle()?.importKey('pkcs8', pkcs8 as BufferSource, ALGORITHM, false, ['sign'])
  } catch {
    return undefined
  } finally {
    pkcs8.fill(0)
  }
}

/**
 * Verifies a signature under ZIP-215, as the chain does. WebCrypto is tried first, and trusted where it
 * accepts; it is stricter with some signatures, so a rejection is checked with noble.
 */
export async function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  return (await verifiesNatively(publicKey, message, signature)) || verifiesPurely(publicKey, message, signature)
}

async function verifiesNatively(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await subtle()?.importKey('raw', publicKey as BufferSource, ALGORITHM, false, ['verify'])
    if (key === undefined) return false
    return await crypto.subtle.verify(ALGORITHM, key, signature as BufferSource, message as BufferSource)
  } catch {
    return false
  }
}

function verifiesPurely(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return pure().verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false
  }
}
