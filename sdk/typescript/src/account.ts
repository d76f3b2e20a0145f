/** Accounts with the keys that sign for them. */
import { addressOfAccount, addressToText, type Network } from './address.js'
import { type KeySigner, keyOfSeed } from './ed25519.js'
import { KeyError } from './errors.js'
import { KEYS_MAX } from './transaction.js'

/** An account with keys that sign for it. */
export interface Signer {
  /** The account's address, 32 bytes. */
  readonly address: Uint8Array
  /** The keys, 1 to `KEYS_MAX`. */
  readonly keys: readonly KeySigner[]
}

/** The account that was created with this key alone. */
export function signerOfKey(key: KeySigner): Signer {
  return { address: addressOfAccount({ key: key.publicKey }), keys: [key] }
}

/** The account that was created with the key of this 32-byte seed. */
export async function signerOfSeed(seed: Uint8Array): Promise<Signer> {
  return signerOfKey(await keyOfSeed(seed))
}

/** An account by its address, for rotated or several keys. */
export function signerOf(address: Uint8Array, keys: readonly KeySigner[]): Signer {
  if (keys.length < 1 || keys.length > KEYS_MAX) throw new KeyError(`a signer has 1 to ${KEYS_MAX} keys, not ${keys.length}`)
  return { address, keys }
}

/** The text of a signer's address. */
export const signerAddress = (network: Network, signer: Signer): string => addressToText(network, signer.address)
