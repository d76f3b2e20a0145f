/** Receipts and events from their canonical encoding. */
import { checkName, decodeAll, type Reader, Writer } from './borsh.js'
import { toHex } from './bytes.js'
import { type Code, codeOfNumber } from './codes.js'
import { hash } from './hash.js'

/** An event in canonical form: decode `data` by the module's event type. */
export interface Event {
  /** The position of the transaction's call during which it was emitted, from 0. */
  readonly call: number
  readonly module: string
  readonly data: Uint8Array
}

/** A receipt, from its canonical encoding: the leaf of the receipts tree. */
export interface Receipt {
  readonly transaction: string
  readonly outcome:
    | { readonly status: 'success'; readonly results: readonly Uint8Array[] }
    | {
        readonly status: 'failure'
        readonly call: number | null
        /** The stable code; `CODE_n` where only a newer version knows the name. */
        readonly code: Code | (string & {})
        readonly message: string
        readonly error: { readonly module: string; readonly function: string; readonly data: Uint8Array } | null
      }
  readonly gasUsed: bigint
  readonly events: readonly Event[]
}

/**
 * The id of a receipt that belongs to no transaction, such as one of the kernel, at an index of a block's receipts.
 * `chain` is the genesis hash.
 */
export function receiptIdWithoutTransaction(chain: Uint8Array, height: number, index: number): string {
  return toHex(hash('receipt', new Writer().fixed(32, chain).unsigned(64, height).unsigned(32, index).finish()))
}

/** Reads the canonical bytes of a receipt. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return decodeAll(bytes, (reader) => ({
    transaction: toHex(reader.raw(32)),
    outcome: reader.case(2) === 0 ? success(reader) : failure(reader),
    gasUsed: reader.u64(),
    events: reader.list(10, () => ({ call: reader.unsigned(16), module: checkName(reader.text()), data: reader.bytes() })),
  }))
}

function success(reader: Reader): Receipt['outcome'] {
  return { status: 'success', results: reader.list(4, () => reader.bytes()) }
}

function failure(reader: Reader): Receipt['outcome'] {
  const call = reader.option(() => reader.unsigned(16))
  const number = reader.unsigned(8)
  const message = reader.text()
  const error = reader.option(() => ({
    module: checkName(reader.text()),
    function: checkName(reader.text()),
    data: reader.bytes(),
  }))
  return { status: 'failure', call, code: codeOfNumber(number) ?? `CODE_${number}`, message, error }
}
