/** Addresses of accounts and modules, and their text form. */
import { fromBech32m, toBech32m } from './bech32.js'
import { Writer } from './borsh.js'
import { toUtf8 } from './bytes.js'
import { AddressError, EncodingError } from './errors.js'
import { hash } from './hash.js'

/** The class of a network, which determines the prefix of addresses. */
export type Network = 'main' | 'test'

/** A key of a weighted policy. */
export interface WeightedKey {
  readonly key: Uint8Array
  readonly weight: number
}

/** The keys that authorise an account's transactions: one key, or several that reach a threshold. */
export type Policy =
  | { readonly key: Uint8Array }
  | { readonly keys: readonly WeightedKey[]; readonly threshold: number }

/** The prefix of a network's addresses. */
export const prefixOf = (network: Network): string => (network === 'main' ? 'ehb' : 'ehbt')

/** The text of an address of 32 bytes: bech32m (BIP-350) under the network's prefix. */
export function addressToText(network: Network, address: Uint8Array): string {
  if (address.length !== 32) throw new EncodingError(`an address has 32 bytes, not ${address.length}`)
  return toBech32m(prefixOf(network), address)
}

/** Reads the text of an address, which has exactly one spelling: that of `addressToText`. */
export function addressFromText(network: Network, text: string): Uint8Array {
  const shown = JSON.stringify(text.slice(0, 80))
  const decoded = fromBech32m(text)
  if (decoded === undefined) {
    throw new AddressError(`${shown} is not an address: a letter or the checksum is wrong; check it for typing errors`)
  }
  const { prefix, bytes } = decoded
  if (prefix !== prefixOf(network)) {
    throw new AddressError(`${shown} belongs to another network: addresses here start with "${prefixOf(network)}"`)
  }
  if (!bytes) throw new AddressError(`${shown} is not an address: its padding bits are not zero`)
  if (bytes.length !== 32) throw new AddressError(`${shown} is not an address: it has ${bytes.length} bytes, not 32`)
  const canonical = addressToText(network, bytes)
  if (text !== canonical) throw new AddressError(`${shown} is another spelling of the address ${canonical}: use that one`)
  return bytes
}

/** The borsh encoding of a policy. */
export function encodePolicy(policy: Policy): Uint8Array {
  const writer = new Writer()
  if ('key' in policy) return writer.unsigned(8, 0).fixed(32, policy.key).finish()
  writer.unsigned(8, 1)
  writer.list(policy.keys, ({ key, weight }) => writer.fixed(32, key).unsigned(16, weight))
  return writer.unsigned(32, policy.threshold).finish()
}

/** The address of an account created with this policy. It stays when the policy changes. */
export function addressOfAccount(policy: Policy): Uint8Array {
  return hash('accountAddress', encodePolicy(policy))
}

/** The address of a module. */
export function addressOfModule(name: string): Uint8Array {
  return hash('moduleAddress', toUtf8(name))
}

