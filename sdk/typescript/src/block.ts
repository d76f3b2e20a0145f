/** Block headers and certificates, and their verification. */
import { decodeAll, type Reader, Writer, checkName } from './borsh.js'
import { compare, equal } from './bytes.js'
import { verifySignature } from './ed25519.js'
import { ProofError } from './errors.js'
import { hash, signedMessage } from './hash.js'

/** A block header, which validators agree on. Its roots and receipt count are those after the parent. */
export interface Header {
  readonly version: number
  readonly chain: Uint8Array
  readonly height: number
  readonly timestampMs: number
  readonly parent: Uint8Array
  readonly round: number
  readonly proposer: Uint8Array
  readonly transactionsCount: number
  readonly transactionsRoot: Uint8Array
  readonly stateRoot: Uint8Array
  readonly receiptsCount: number
  readonly receiptsRoot: Uint8Array
  readonly validators: Uint8Array
  readonly nextValidators: Uint8Array
  readonly certificate: Uint8Array
  readonly evidence: Uint8Array
}

/** The fields of a header in the order of their encoding, each with its form. */
export const HEADER_FIELDS = [
  ['version', 16], ['chain', 'hash'], ['height', 64], ['timestampMs', 64], ['parent', 'hash'], ['round', 32],
  ['proposer', 'hash'], ['transactionsCount', 32], ['transactionsRoot', 'hash'], ['stateRoot', 'hash'],
  ['receiptsCount', 32], ['receiptsRoot', 'hash'], ['validators', 'hash'], ['nextValidators', 'hash'],
  ['certificate', 'hash'], ['evidence', 'hash'],
] as const satisfies readonly (readonly [keyof Header, 16 | 32 | 64 | 'hash'])[]

/** The canonical bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  const writer = new Writer()
  for (const [name, form] of HEADER_FIELDS) {
    if (form === 'hash') writer.fixed(32, header[name])
    else writer.unsigned(form, header[name])
  }
  return writer.finish()
}

/** Reads the canonical bytes of a header. */
export function decodeHeader(bytes: Uint8Array): Header {
  return decodeAll(bytes, (reader) => {
    const field = ([name, form]: (typeof HEADER_FIELDS)[number]) => [name, readField(reader, form)]
    return Object.fromEntries(HEADER_FIELDS.map(field)) as Header
  })
}

function readField(reader: Reader, form: 16 | 32 | 64 | 'hash'): number | Uint8Array {
  if (form === 'hash') return reader.raw(32)
  return form === 64 ? reader.exact() : reader.unsigned(form)
}

/** The hash of a header, which identifies the block. */
export function headerHash(header: Header): Uint8Array {
  return hash('header', encodeHeader(header))
}

/** A validator as consensus sees it. */
export interface Validator {
  readonly name: string
  readonly consensusKey: Uint8Array
  readonly nodeKey: Uint8Array
  readonly power: bigint
}

/** The largest number of validators in a set. */
const VALIDATORS_MAX = 256
/** The largest sum of all powers. */
const POWER_MAX = 2n ** 64n / 4n - 1n

/** Checks that validators form a set: ascending by consensus key, no key or name twice, power within bounds. */
export function checkValidators(set: readonly Validator[]): readonly Validator[] {
  const fail = (problem: string): never => {
    throw new ProofError(`the validators do not form a set: ${problem}`)
  }
  if (set.length < 1 || set.length > VALIDATORS_MAX) fail(`there are ${set.length}, not 1 to ${VALIDATORS_MAX}`)
  const seen = new Set<string>()
  let power = 0n
  set.forEach((validator, index) => {
    if (index > 0 && compare(set[index - 1]!.consensusKey, validator.consensusKey) >= 0) {
      fail('they are not sorted by consensus key')
    }
    for (const it of [validator.name, `${validator.consensusKey}`, `${validator.nodeKey}`]) {
      if (seen.has(it)) fail('two share a name or key')
      seen.add(it)
    }
    if (validator.power < 1n) fail(`${validator.name} has no voting power`)
    power += validator.power
  })
  if (power > POWER_MAX) fail('their powers are too large')
  return set
}

/** The hash of a validator set, as in headers. */
export function validatorsHash(set: readonly Validator[]): Uint8Array {
  const writer = new Writer()
  writer.list(set, ({ name, consensusKey, nodeKey, power }) =>
    writer.text(checkName(name)).fixed(32, consensusKey).fixed(32, nodeKey).unsigned(64, power),
  )
  return hash('validatorSet', writer.finish())
}

/** Proof that a block was decided: precommits of more than two thirds of the voting power. */
export interface CommitCertificate {
  readonly height: number
  readonly round: number
  readonly block: Uint8Array
  /** Strictly ascending by the validator's index in the height's set. */
  readonly signatures: readonly { readonly validator: number; readonly signature: Uint8Array }[]
}

/** The canonical bytes of a certificate. */
export function encodeCertificate(certificate: CommitCertificate): Uint8Array {
  const { height, round, block, signatures } = certificate
  const writer = new Writer().unsigned(64, height).unsigned(32, round).fixed(32, block)
  writer.list(signatures, (it) => writer.unsigned(16, it.validator).fixed(64, it.signature))
  return writer.finish()
}

/** The hash of a certificate, as in the next header. */
export function certificateHash(certificate: CommitCertificate): Uint8Array {
  return hash('certificate', encodeCertificate(certificate))
}

/** The bytes that each precommit of a certificate signs. */
export function precommitBytes(chain: Uint8Array, certificate: CommitCertificate): Uint8Array {
  const { height, round, block } = certificate
  const payload = new Writer().unsigned(8, PRECOMMIT).unsigned(64, height).unsigned(32, round)
  return signedMessage('vote', chain, payload.option(block, (it) => payload.fixed(32, it)).finish())
}

const PRECOMMIT = 1

/** Checks a certificate against the validators of its height. Errors: `ProofError` with the reason. */
export async function verifyCertificate(
  chain: Uint8Array,
  set: readonly Validator[],
  certificate: CommitCertificate,
): Promise<void> {
  const { signatures } = certificate
  const signers = signatures.map(({ validator }, index) => {
    if (index > 0 && signatures[index - 1]!.validator >= validator) {
      throw new ProofError("the certificate's signers are not strictly ascending")
    }
    const signer = set[validator]
    if (signer === undefined) throw new ProofError(`the certificate names validator ${validator}, which the set does not have`)
    return signer
  })
  const sum = (validators: readonly Validator[]): bigint => validators.reduce((all, it) => all + it.power, 0n)
  const [power, total] = [sum(signers), sum(set)]
  if (power * 3n <= total * 2n) throw new ProofError(`the signers' power ${power} of ${total} is no quorum`)
  const message = precommitBytes(chain, certificate)
  const valid = await Promise.all(
    signers.map((signer, index) => verifySignature(signer.consensusKey, message, signatures[index]!.signature)),
  )
  const wrong = valid.indexOf(false)
  if (wrong >= 0) throw new ProofError(`the signature of validator ${signatures[wrong]!.validator} does not verify`)
}

/** Whether two sets are the same validators. */
export function sameValidators(a: readonly Validator[], b: readonly Validator[]): boolean {
  return equal(validatorsHash(a), validatorsHash(b))
}
