/** Transactions: their encoding, hash and signatures. */
import { checkName, decodeAll, type Integer, type Reader, Writer } from './borsh.js'
import { compare, equal, toHex, toUtf8 } from './bytes.js'
import { type KeySigner, verifySignature } from './ed25519.js'
import { EncodingError } from './errors.js'
import { hash, signedMessage } from './hash.js'

/** A call of a module's function, its arguments in canonical form. */
export interface Call {
  readonly module: string
  readonly function: string
  readonly arguments: Uint8Array
}

/** A transaction's content: calls that all take effect, in order, or none does. */
export interface Transaction {
  /** The format of the content: `TRANSACTION_VERSION`. */
  readonly version: number
  /** The genesis hash of its chain. */
  readonly chain: Uint8Array
  /** The sending account. */
  readonly sender: Uint8Array
  /** One of the sender's independent sequences. */
  readonly lane: number
  /** Its position in the lane. */
  readonly sequence: bigint
  /** The last block time at which a block may hold it, milliseconds since 1970 (UTC). */
  readonly validUntilMs: number
  /** The most gas it may use. */
  readonly gasLimit: bigint
  /** The calls, 1 to `CALLS_MAX`. */
  readonly calls: readonly Call[]
  /** A note for people, at most `MEMO_BYTES_MAX` bytes. */
  readonly memo: string
}

/** A transaction with the signatures that authorise it. */
export interface SignedTransaction {
  readonly transaction: Transaction
  /** Signatures over the id, strictly ascending by key. */
  readonly signatures: readonly TransactionSignature[]
}

/** One signature of a transaction. */
export interface TransactionSignature {
  readonly key: Uint8Array
  readonly signature: Uint8Array
}

/** The version of a transaction's content that this library reads and writes. */
export const TRANSACTION_VERSION = 1
/** The largest number of calls of a transaction. */
export const CALLS_MAX = 64
/** The longest memo, bytes. */
export const MEMO_BYTES_MAX = 256
/** The largest number of signatures of a transaction. */
export const KEYS_MAX = 16

function writeTransaction(writer: Writer, transaction: Transaction): void {
  const { version, chain, sender, lane, sequence, validUntilMs, gasLimit, calls, memo } = transaction
  if (version !== TRANSACTION_VERSION) throw unsupported(version)
  writer.unsigned(8, version).fixed(32, chain).fixed(32, sender).unsigned(32, lane)
  writer.unsigned(64, sequence).unsigned(64, validUntilMs as Integer).unsigned(64, gasLimit)
  if (calls.length < 1 || calls.length > CALLS_MAX) {
    throw new EncodingError(`a transaction holds 1 to ${CALLS_MAX} calls, not ${calls.length}`)
  }
  writer.list(calls, (call) =>
    writer.text(checkName(call.module)).text(checkName(call.function)).bytes(call.arguments),
  )
  const memoBytes = toUtf8(memo)
  if (memoBytes.length > MEMO_BYTES_MAX) {
    throw new EncodingError(`a memo has at most ${MEMO_BYTES_MAX} bytes, not ${memoBytes.length}`)
  }
  writer.bytes(memoBytes)
}

function readTransaction(reader: Reader): Transaction {
  const version = reader.unsigned(8)
  if (version !== TRANSACTION_VERSION) throw unsupported(version)
  return {
    version,
    chain: reader.raw(32),
    sender: reader.raw(32),
    lane: reader.unsigned(32),
    sequence: reader.u64(),
    validUntilMs: reader.exact(),
    gasLimit: reader.u64(),
    calls: reader.list(12, () => ({
      module: checkName(reader.text()),
      function: checkName(reader.text()),
      arguments: reader.bytes(),
    })),
    memo: reader.text(),
  }
}

function unsupported(version: number): EncodingError {
  return new EncodingError(
    `the transaction has format version ${version}; this library knows version ${TRANSACTION_VERSION}`,
  )
}

/** The canonical bytes of a transaction's content. */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const writer = new Writer()
  writeTransaction(writer, transaction)
  return writer.finish()
}

/** Reads the canonical bytes of a transaction's content. */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  return decodeAll(bytes, readTransaction)
}

/** The canonical bytes of a signed transaction, which are submitted, and which several signers exchange. */
export function encodeSigned(signed: SignedTransaction): Uint8Array {
  const writer = new Writer()
  writeTransaction(writer, signed.transaction)
  writer.list(signed.signatures, ({ key, signature }) => writer.fixed(32, key).fixed(64, signature))
  return writer.finish()
}

/** Reads the canonical bytes of a signed transaction. Its signatures are not verified: see `verifySigned`. */
export function decodeSigned(bytes: Uint8Array): SignedTransaction {
  return decodeAll(bytes, (reader) => ({
    transaction: readTransaction(reader),
    signatures: reader.list(96, () => ({ key: reader.raw(32), signature: reader.raw(64) })),
  }))
}

/** The id of a transaction: the hash of its content, without the signatures. */
export function transactionHash(transaction: Transaction): Uint8Array {
  return hash('transaction', encodeTransaction(transaction))
}

/** The id as text: 64 hex digits. */
export function transactionId(transaction: Transaction): string {
  return toHex(transactionHash(transaction))
}

/** The bytes that each key signs. */
export function signingBytes(transaction: Transaction): Uint8Array {
  return signedMessage('transaction', transaction.chain, transactionHash(transaction))
}

/** Signs with the given keys, each of which signs once. */
export async function signTransaction(
  transaction: Transaction,
  keys: readonly KeySigner[],
): Promise<SignedTransaction> {
  const message = signingBytes(transaction)
  const signatures = await Promise.all(
    keys.map(async (key) => ({ key: key.publicKey, signature: await key.sign(message) })),
  )
  return { transaction, signatures: inOrder(signatures) }
}

/** Adds signatures to a transaction that others signed before. Of two signatures by one key the new one is kept. */
export async function cosignTransaction(
  signed: SignedTransaction,
  keys: readonly KeySigner[],
): Promise<SignedTransaction> {
  const { transaction, signatures } = await signTransaction(signed.transaction, keys)
  return { transaction, signatures: inOrder([...signatures, ...signed.signatures]) }
}

/** Ascending by key, no key twice: the first is kept. */
function inOrder(signatures: readonly TransactionSignature[]): TransactionSignature[] {
  const sorted = [...signatures].sort((a, b) => compare(a.key, b.key))
  const distinct = sorted.filter((it, index) => index === 0 || !equal(it.key, sorted[index - 1]!.key))
  if (distinct.length > KEYS_MAX) {
    throw new EncodingError(`a transaction carries at most ${KEYS_MAX} signatures, not ${distinct.length}`)
  }
  return distinct
}

/** Whether every signature verifies and the signatures are in order. Only the chain can say whether they satisfy the account's policy. */
export async function verifySigned(signed: SignedTransaction): Promise<boolean> {
  const { transaction, signatures } = signed
  if (signatures.length < 1 || signatures.length > KEYS_MAX) return false
  if (signatures.some((it, index) => index > 0 && compare(signatures[index - 1]!.key, it.key) >= 0)) return false
  const message = signingBytes(transaction)
  const valid = await Promise.all(signatures.map((it) => verifySignature(it.key, message, it.signature)))
  return valid.every(Boolean)
}

