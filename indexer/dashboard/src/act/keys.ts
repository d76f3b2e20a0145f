/**
 * Keys in this browser, for development and small amounts: WebCrypto keys that nothing can read out again, in IndexedDB.
 */
import { addressOfAccount, addressToText, fromHex, keyOfCryptoKey, type Network, publicKeyOf, type Signer, signerOfKey, toHex } from '@ehb/sdk'

/** A key that signs for the account that was created with it. */
export interface Stored {
  readonly publicKey: string
  readonly privateKey: CryptoKey
}

const STORE = 'keys'
const ALGORITHM = 'Ed25519'
/** The beginning of an Ed25519 private key in PKCS #8 (RFC 8410); its 32 bytes follow. */
const PKCS8_PREFIX = '302e020100300506032b657004220420'

const asked = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open('ehb', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'publicKey' })
  const database = await asked(opening)
  return database.transaction(STORE, mode).objectStore(STORE)
}

export const allKeys = async (): Promise<Stored[]> => asked((await store('readonly')).getAll() as IDBRequest<Stored[]>)
export const removeKey = async (publicKey: string): Promise<void> => asked((await store('readwrite')).delete(publicKey)).then(() => undefined)

async function keep(publicKey: string, privateKey: CryptoKey): Promise<Stored> {
  const stored = { publicKey, privateKey }
  await asked((await store('readwrite')).put(stored))
  return stored
}

/** A new key. Who is to act with it must have its account registered by an administrator. */
export async function createKey(): Promise<Stored> {
  const pair = (await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])) as CryptoKeyPair
  return keep(toHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))), pair.privateKey)
}

/** Imports the 24 words of a key, or its seed as 64 hex digits. Errors: a text that is neither, with what is wrong. */
export async function importKey(text: string): Promise<Stored> {
  const given = text.trim()
  const seed = /^[0-9a-fA-F]{64}$/.test(given) ? fromHex(given.toLowerCase(), 32) : await seedOf(given)
  const pkcs8 = new Uint8Array([...fromHex(PKCS8_PREFIX), ...seed])
  try {
    return await keep(toHex(publicKeyOf(seed)), await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']))
  } finally {
    pkcs8.fill(0)
    seed.fill(0)
  }
}

async function seedOf(text: string): Promise<Uint8Array> {
  const { accountPath, checkWords, deriveSeed, seedOfWords } = await import('@ehb/sdk/words')
  return deriveSeed(await seedOfWords(checkWords(text)), accountPath())
}

export const addressOf = (network: Network, stored: Stored): string =>
  addressToText(network, addressOfAccount({ key: fromHex(stored.publicKey, 32) }))

export const signerOf = (stored: Stored): Signer => signerOfKey(keyOfCryptoKey(fromHex(stored.publicKey, 32), stored.privateKey))
