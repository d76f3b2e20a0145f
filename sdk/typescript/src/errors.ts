/** The errors that this library throws. */
import type { Code } from './codes.js'
import type { ErrorData, LocatedReceipt, TypedError } from './views.js'

/** The base of every error that this library throws. `kind` distinguishes them without `instanceof`. */
export abstract class EhbError extends Error {
  /** The kind of error. */
  abstract readonly kind: string
  /** The stable code of the catalogue, where there is one. A newer node may have codes not listed in `Code`. */
  readonly code: Code | (string & {}) | undefined = undefined
  /** How to resolve it. */
  readonly hint: string = ''
  /** Whether repeating the request is safe and can succeed. Never true of an unknown outcome. */
  readonly retryable: boolean = false

  override get name(): string {
    return this.constructor.name
  }
}

/** Bytes or text that are not canonical. */
export class EncodingError extends EhbError {
  readonly kind = 'encoding'
}

/** A text that is not an address of the network. */
export class AddressError extends EhbError {
  readonly kind = 'address'
  override readonly hint = 'check the address for typing errors, and that it belongs to this network'
}

/** A value that does not match its WIT type. `path` is the position, such as `lines[2].amount`. */
export class ValueError extends EhbError {
  readonly kind = 'value'
  override readonly code = 'BAD_ARGUMENTS'
  override readonly hint = "read the function's parameters in the module's interface"

  constructor(
    readonly problem: string,
    readonly path: string = '',
  ) {
    super(path === '' ? problem : `${path}: ${problem}`)
  }

  /** The same problem, seen from the value that holds this one under a name. */
  within(name: string): ValueError {
    const dot = this.path === '' || this.path.startsWith('[') ? '' : '.'
    return new ValueError(this.problem, `${name}${dot}${this.path}`)
  }
}

/** Words, a path or bytes that are not a valid key. */
export class KeyError extends EhbError {
  readonly kind = 'key'
}

/** The node cannot be reached; nothing was changed. */
export class UnreachableError extends EhbError {
  readonly kind = 'unreachable'
  override readonly hint = 'check that the node runs and the address is right'
  override readonly retryable = true

  constructor(
    readonly url: string,
    readonly reason: string,
    /** Whether the request certainly never left this machine. */
    readonly neverSent: boolean,
  ) {
    super(`cannot reach the node at ${url}: ${reason}`)
  }
}

/** The node, or this library before it, refused the request; nothing was changed. */
export class RefusedError extends EhbError {
  readonly kind = 'refused'
  override readonly code: Code | (string & {})
  override readonly hint: string
  override readonly retryable: boolean
  /** The error value of a module's function, when the code is `MODULE_ERROR`. */
  readonly moduleError: TypedError | undefined

  constructor(data: ErrorData) {
    super(`${data.code}: ${data.message}`)
    this.code = data.code
    this.hint = data.hint
    this.retryable = data.retryable
    this.moduleError = data.error
  }
}

/** The transaction is final and had no effect; its receipt has the error. */
export class FailedError extends EhbError {
  readonly kind = 'failed'
  override readonly code: string | undefined
  override readonly hint: string
  readonly moduleError: TypedError | undefined

  constructor(readonly located: LocatedReceipt) {
    const { transaction, outcome } = located.receipt
    const text = outcome.status === 'failure' ? `${outcome.code}: ${outcome.message}` : 'it succeeded'
    super(`the transaction ${transaction} failed: ${text}`)
    this.code = outcome.status === 'failure' ? outcome.code : undefined
    this.hint = outcome.status === 'failure' ? outcome.hint : ''
    this.moduleError = (outcome.status === 'failure' && outcome.error) || undefined
  }
}

/** Nobody knows whether the transaction becomes final. Only the same transaction can be submitted again safely. */
export class OutcomeUnknownError extends EhbError {
  readonly kind = 'outcome-unknown'
  override readonly code = 'TIMEOUT'
  override readonly hint =
    'it may still act: ask for it by its id, or send the same transaction again, not another one'

  constructor(
    readonly id: string,
    readonly reason: string,
  ) {
    super(`the outcome of the transaction ${id} is unknown: ${reason}`)
  }
}

/** The transaction can never take effect: another transaction of the account used its sequence. */
export class SupersededError extends EhbError {
  readonly kind = 'superseded'
  override readonly code = 'SEQUENCE_USED'
  override readonly hint = 'build it again: nothing was changed'
  override readonly retryable = true

  constructor(
    readonly id: string,
    readonly by: string | null,
  ) {
    super(`the transaction ${id} can never act: ${by ?? 'another one of the account'} used its sequence`)
  }
}

/** The transaction can never take effect: a decided block is later than its validity. */
export class ExpiredError extends EhbError {
  readonly kind = 'expired'
  override readonly code = 'EXPIRED'
  override readonly hint = 'build it again: nothing was changed'
  override readonly retryable = true

  constructor(readonly id: string) {
    super(`the transaction ${id} can never act: it expired before it was in a block`)
  }
}

/** The node's response is not one that this version understands. */
export class ProtocolError extends EhbError {
  readonly kind = 'protocol'
  override readonly hint = 'use versions of node and SDK that belong together'
}

/** A response of the node is not proven by the trusted validators. */
export class ProofError extends EhbError {
  readonly kind = 'proof'
  override readonly hint = 'do not rely on this answer, and ask another node'
}
