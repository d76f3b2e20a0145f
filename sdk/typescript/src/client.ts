/** What a node answers: status, parameters, accounts, modules, reads, blocks and receipts. */
import { addressToText, type Network } from './address.js'
import {
  checkInterface, encodeArguments, functionOf, type Interface, type ModuleFunction, outputType, type Value, valueOfJson,
} from './abi.js'
import { checkName } from './borsh.js'
import { toBase64, toHex } from './bytes.js'
import { CODES, type Code } from './codes.js'
import { ProtocolError, RefusedError } from './errors.js'
import { call, type Client } from './rpc.js'
import { encodeSigned, encodeTransaction, type Call, type SignedTransaction, type Transaction } from './transaction.js'
import type { AccountView, At, BlocksView, Detail, LocatedReceipt, OutcomeView, ParametersView, ReceiptView, Status } from './views.js'

/** A module's description, with its interface checked. */
export interface ModuleDescription {
  readonly name: string
  readonly address: string
  readonly codeHash: string
  readonly wit: string
  readonly interface: Interface
}

/** Arguments of a function, by name or by position. */
export type Arguments = { readonly [name: string]: Value } | readonly Value[]

/** The result of a read. */
export interface ReadResult {
  /** The height after whose block the state was read. */
  readonly height: number
  /** The function's result (the `ok` of a `result`); `null` for a function without one. */
  readonly value: Value
  /** The gas that the call used. */
  readonly gasUsed: bigint
}

/** The state of the chain and of the node. */
export const getStatus = (client: Client): Promise<Status> => call(client, 'chain_status')

/** The parameters in a state, by default the head's, in the genesis file's form, and the height of that state. */
export const getParameters = (client: Client, at?: At): Promise<ParametersView> =>
  call(client, 'chain_getParameters', { at })

/**
 * Blocks from a height on, as many as fit into a response; `next` is the height to continue at. Errors: `RefusedError` with
 * `LIMIT_EXCEEDED` where the first block alone is too long: `getBlock` joins its parts.
 */
export const getBlocks = (client: Client, from: number, detail: Detail = 'full', count?: number): Promise<BlocksView> =>
  call(client, 'chain_getBlocks', { from, detail, count })

/** The account at an address in a state, by default the head's; `null` when none is registered there then. */
export async function getAccount(client: Client, address: string, at?: At): Promise<AccountView | null> {
  try {
    return await call<AccountView>(client, 'account_get', { address, at })
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'UNKNOWN_SENDER') return null
    throw error
  }
}

/** The sequence that the account's next transaction in a lane must carry. */
export async function getNextSequence(client: Client, address: string, lane = 0): Promise<bigint> {
  return decimal(await call(client, 'account_nextSequence', { address, lane }))
}

const MODULES = /* @__PURE__ */ Symbol('modules')
/** The largest number of module descriptions that a client caches. */
const MODULES_MAX = 256

/**
 * A module's description, fetched once and then cached; `fresh` fetches it again. With `at`, that of the version
 * that was installed after that block.
 */
export function getModule(client: Client, name: string, options: { fresh?: boolean; at?: At | undefined } = {}): Promise<ModuleDescription> {
  const known = (client.memory.get(MODULES) ?? new Map()) as Map<string, Promise<ModuleDescription>>
  client.memory.set(MODULES, known)
  const { at, fresh } = options
  // A moment that has not come yet names another block later.
  if (typeof at === 'object') return describe(client, name, at)
  const key = at === undefined ? name : `${name} ${at}`
  let described = fresh ? undefined : known.get(key)
  if (described === undefined) {
    described = describe(client, name, at)
    if (known.size >= MODULES_MAX) known.clear()
    known.set(key, described)
    described.catch(() => known.delete(key))
  }
  return described
}

async function describe(client: Client, name: string, at?: At): Promise<ModuleDescription> {
  const described = await call<ModuleDescription>(client, 'module_describe', { module: checkName(name), at })
  if (described?.name !== name) throw new ProtocolError(`the node describes another module than ${name}`)
  checkInterface(described.interface)
  return described
}

/** A function of a module. Errors: `RefusedError` with `UNKNOWN_FUNCTION`. */
async function getFunction(client: Client, module: string, name: string, at?: At): Promise<ModuleFunction> {
  const known = functionOf((await getModule(client, module, { at })).interface, name)
  const found = known ?? functionOf((await getModule(client, module, { at, fresh: true })).interface, name)
  if (found === undefined) throw refused('UNKNOWN_FUNCTION', `the module ${module} has no function ${name}`)
  return found
}

/** Options of a read. */
export interface ReadOptions {
  /** The account that the function sees as its caller. */
  readonly sender?: string
  /** The state to read, with the module as it was installed then; by default the head's. */
  readonly at?: At
}

/** Calls a read-only function. */
export async function read(
  client: Client,
  module: string,
  name: string,
  values: Arguments = {},
  options: ReadOptions = {},
): Promise<ReadResult> {
  const signature = await getFunction(client, module, name, options.at)
  try {
    return await readBy(client, module, signature, values, options)
  } catch (error) {
    if (!(error instanceof OtherTypeError)) throw error
    // The module may have been upgraded since its interface was fetched.
    const { interface: fresh } = await getModule(client, module, { at: options.at, fresh: true })
    return readBy(client, module, functionOf(fresh, name) ?? signature, values, options)
  }
}

/** An answer whose value is not of the known type. */
class OtherTypeError extends ProtocolError {}

/** As `read`, with a known signature. Fields that a newer version of the module returns are ignored. */
export async function readBy(
  client: Client,
  module: string,
  signature: Pick<ModuleFunction, 'name' | 'parameters' | 'result'>,
  values: Arguments,
  options: ReadOptions = {},
): Promise<ReadResult> {
  const { network } = client.chain
  // Wrong arguments are refused here, with the path of the wrong value.
  encodeArguments(network, signature.parameters, values)
  const params = { module, function: signature.name, arguments: toJson(values), ...options }
  const answer = await call<{ height: number; value: unknown; gasUsed: string }>(client, 'module_call', params)
  if (!Number.isSafeInteger(answer?.height)) throw new ProtocolError('the node answered a read without its height')
  return { height: answer.height, value: valueOf(network, module, signature, answer.value), gasUsed: decimal(answer.gasUsed) }
}

/** The result in a node's answer. */
function valueOf(network: Network, module: string, signature: Pick<ModuleFunction, 'name' | 'result'>, json: unknown): Value {
  const type = outputType(signature.result)
  if (type === null) return null
  try {
    return valueOfJson(network, type, json)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new OtherTypeError(`the node answered ${module}.${signature.name} with a value of another type: ${reason}`)
  }
}

/** Encodes a call by the interface that the installed module declares. */
export async function encodeCall(client: Client, module: string, name: string, values: Arguments = {}): Promise<Call> {
  const signature = await getFunction(client, module, name)
  return { module, function: name, arguments: encodeArguments(client.chain.network, signature.parameters, values) }
}

/**
 * Simulates a transaction at the head. A used sequence is not checked. One with calls of the kernel must be signed; without
 * signatures it can be from any account.
 */
export async function simulate(client: Client, transaction: Transaction | SignedTransaction): Promise<ReceiptView> {
  const bytes = toBase64('signatures' in transaction ? encodeSigned(transaction) : encodeTransaction(transaction))
  return receiptView(await call(client, 'tx_simulate', { transaction: bytes }))
}

/** The JSON form of values: 64-bit integers as decimal text, bytes as hex after `0x`. */
export function toJson(value: Arguments | Value): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, toJson(it)]))
}

/** A refusal by this library, with a code of the catalogue. */
export function refused(code: Code, message: string): RefusedError {
  const [, retryable, hint] = CODES[code]
  return new RefusedError({ code, message, hint, retryable })
}

/** A 64-bit number in a response. */
export function decimal(value: unknown): bigint {
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,19})$/.test(value)) {
    throw new ProtocolError('the node answered something else where a 64-bit number is expected')
  }
  return BigInt(value)
}

/** Checks the parts of a receipt on which this library relies. */
export function receiptView(answer: unknown): ReceiptView {
  const { transaction, genesisCall, outcome, gasUsed, events } = (answer ?? {}) as Record<string, any>
  const isSound =
    typeof transaction === 'string' && Array.isArray(events) && isOutcome(outcome)
  if (!isSound) throw new ProtocolError('the receipt in the answer of the node is not one')
  return { transaction, ...(genesisCall && { genesisCall }), outcome, gasUsed: decimal(gasUsed), events }
}

function isOutcome(outcome: any): outcome is OutcomeView {
  if (outcome?.status === 'success') return Array.isArray(outcome.results)
  return outcome?.status === 'failure' && typeof outcome.code === 'string' && typeof outcome.message === 'string'
}

/** Checks a receipt with its position. */
export function locatedReceipt(answer: any): LocatedReceipt {
  const { height, index, timestampMs, sender } = answer ?? {}
  if (![height, index, timestampMs].every(Number.isSafeInteger) || !['string', 'undefined'].includes(typeof sender)) {
    throw new ProtocolError('the node answered a receipt without its place')
  }
  const place = { height, index, timestampMs, ...(sender === undefined ? {} : { sender }) }
  return { ...place, receipt: receiptView(answer.receipt) }
}

/** The text of an address on the client's network. */
export const addressText = (client: Client, address: Uint8Array): string =>
  addressToText(client.chain.network, address)
