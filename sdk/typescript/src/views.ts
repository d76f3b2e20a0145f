/** Responses of a node in the form of its JSON, but with 64-bit numbers as `bigint`. */
import type { Code } from './codes.js'
import type { Network } from './address.js'

/** The data of every error of a node. */
export interface ErrorData {
  readonly code: Code | (string & {})
  readonly message: string
  readonly hint: string
  readonly retryable: boolean
  readonly error?: TypedError
}

/** A value in canonical form as hex after `0x`, and as JSON where the node knows its type. */
export interface ValueView {
  readonly data: string
  readonly value: unknown
}

/** An error value that a module's function returned. */
export interface TypedError extends ValueView {
  readonly module: string
  readonly function: string
}

/** An event of a module or of the kernel. */
export interface EventView extends ValueView {
  /** The position of the transaction's call during which it was emitted, from 0. */
  readonly call: number
  readonly module: string
}

/** Whether a transaction took effect. */
export type OutcomeView =
  | { readonly status: 'success'; readonly results: readonly ValueView[] }
  | ({
      readonly status: 'failure'
      readonly call: number | null
      readonly error: TypedError | null
    } & Omit<ErrorData, 'error'>)

/** A call of genesis; `arguments` as in the genesis file. */
export interface GenesisCallView {
  readonly sender: string
  readonly module: string
  readonly function: string
  readonly data: string
  readonly arguments: { readonly [name: string]: unknown }
}

/** A receipt: the result of a transaction. `transaction` is its id, or that of a receipt without a transaction. */
export interface ReceiptView {
  readonly transaction: string
  /** The call of genesis that it is of. */
  readonly genesisCall?: GenesisCallView
  readonly outcome: OutcomeView
  readonly gasUsed: bigint
  readonly events: readonly EventView[]
}

/** The position of a receipt in the chain; the first one is at height 0 and index 0. */
export interface Position {
  readonly height: number
  readonly index: number
}

/** A receipt and its position. */
export interface LocatedReceipt extends Position {
  readonly timestampMs: number
  /** Absent where there is no transaction: in genesis, and for the kernel's own actions. */
  readonly sender?: string
  readonly receipt: ReceiptView
}

/** The state of the chain and of a node. Only the fields that clients rely on are typed. */
export interface Status {
  readonly chainId: string
  readonly network: Network
  readonly genesisHash: string
  readonly height: number
  readonly head: string
  readonly timestampMs: number
  /** The time that a block would have that was proposed now; the validity of transactions counts from it. */
  readonly chainTimeMs: number
  readonly ready: boolean
  readonly version: string
  readonly [more: string]: unknown
}

/** A validator. */
export interface ValidatorView {
  readonly name: string
  readonly consensusKey: string
  readonly nodeKey: string
  readonly power: string
}

/** A header with its certificate and the validators of its height. */
export interface SignedHeaderView {
  readonly hash: string
  readonly header: { readonly [field: string]: string | number }
  readonly certificate: {
    readonly height: number
    readonly round: number
    readonly block: string
    readonly signatures: readonly { readonly validator: number; readonly signature: string }[]
  } | null
  readonly validators: readonly ValidatorView[]
}

/** A proof that a receipt is part of the chain. */
export interface ReceiptProofView extends Position {
  readonly receipt: string
  readonly proof: { readonly index: number; readonly path: readonly string[] }
}

/** An entry of the state, or its absence, with its proof. */
export interface StateProofView {
  readonly height: number
  readonly key: string
  readonly value: string | null
  readonly proof: {
    readonly siblings: readonly string[]
    readonly other: { readonly key: string; readonly value: string } | null
  }
}

/** The fate of a transaction, as one node knows it. `final`, `superseded` and `expired` never change. */
export type Fate =
  /** `missingSequence` is the sequence of its lane for which it waits, which no transaction at the node has. */
  | { readonly status: 'pending'; readonly missingSequence?: bigint }
  | ({ readonly status: 'final' } & LocatedReceipt)
  | { readonly status: 'superseded'; readonly by: string | null; readonly height: number }
  | { readonly status: 'expired'; readonly height: number; readonly timestampMs: number }
  | { readonly status: 'unknown'; readonly dropped?: ErrorData }

/** The parameters of a state, in the genesis file's form. */
export interface ParametersView {
  readonly height: number
  readonly parameters: Record<string, any>
}

/** A block, or the state after it: its height, its hash, or a moment, which means the last block not after it. */
export type At = number | string | { readonly timestampMs: number }

/** A role of an account, and the block time from which the account does not have it any more. */
export interface RoleView {
  readonly role: string
  readonly untilMs: number | null
}

/** A registered account. */
export interface AccountView {
  /** The height of the state that was read. */
  readonly height: number
  readonly address: string
  readonly policy: unknown
  readonly organisation: string
  readonly roles: readonly RoleView[]
  readonly status: 'active' | 'frozen' | 'suspended' | 'closed'
}

/**
 * A message of the blocks subscription. A gap names blocks that the node no longer has, or of which a single receipt is
 * too long for a response.
 */
export type BlockNotice =
  | { readonly type: 'block'; readonly block: BlockView }
  | Gap

/** Skipped blocks, whose contents were not announced. */
export interface Gap {
  readonly type: 'gap'
  readonly fromHeight: number
  readonly toHeight: number
  /** Why a subscription skips them: the node no longer keeps them, or a block is larger than a message. */
  readonly reason?: 'pruned' | 'tooLong' | (string & {})
}

/** How much of a block to return. */
export type Detail = 'header' | 'ids' | 'full' | 'canonical'

/** Consecutive blocks, and the height to continue at. */
export interface BlocksView {
  readonly blocks: readonly BlockView[]
  readonly next: number
  readonly head: number
}

/** A decided block, with the requested parts. */
export interface BlockView {
  readonly hash: string
  readonly header: { readonly height: number; readonly timestampMs: number; readonly [field: string]: string | number }
  readonly transactionCount: number
  readonly receiptCount: number
  /** With `ids`. */
  readonly ids?: readonly string[]
  /** With `full`. */
  readonly transactions?: readonly unknown[]
  /** With `full`: one for each transaction, then those without a transaction. */
  readonly receipts?: readonly unknown[]
  /** With `canonical`. */
  readonly canonical?: CanonicalView
  /** Where the next part begins; absent where the block is whole, as `getBlock` and `followBlocks` return it. */
  readonly nextIndex?: number
  readonly [more: string]: unknown
}

/** A block in canonical bytes, as base64. */
export interface CanonicalView {
  readonly block: string
  readonly receipts: string
  /** The certificate that decided it; `null` for genesis. */
  readonly certificate: string | null
}

/** A message of the receipts subscription. */
export type ReceiptNotice =
  | { readonly type: 'receipts'; /** Where to continue. */ readonly next: Position; readonly receipts: readonly LocatedReceipt[] }
  | Gap

/** A filter of receipts: those that match all given fields. */
export interface ReceiptFilter {
  readonly sender?: string
  readonly ids?: readonly string[]
  /** Receipts of transactions that call this module, or in which it emits an event. */
  readonly module?: string
  /** Receipts in which `module` emits an event of this name. */
  readonly event?: string
  /** Receipts of transactions that this account sent, or that name its address. */
  readonly account?: string
  readonly withoutEvents?: boolean
}
