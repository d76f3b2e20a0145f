/** Builds, signs, submits, awaits and verifies transactions of an EHB chain. */
export * from './abi.js'
export * from './account.js'
export * from './address.js'
export * from './amount.js'
export * from './block.js'
export { Reader, Writer } from './borsh.js'
export { buildTransaction, type Draft, forgetSequence, remember, signNext, VALID_FOR_MS } from './build.js'
export { fromBase64, fromHex, fromRpcBytes, toBase64, toHex } from './bytes.js'
export {
  type Arguments, encodeCall, getAccount, getBlocks, getModule, getNextSequence, getParameters, getStatus, type ModuleDescription,
  read, type ReadOptions, type ReadResult, simulate, toJson,
} from './client.js'
export * from './codes.js'
export * from './ed25519.js'
export * from './errors.js'
export {
  followBlocks, type FollowBlocksOptions, followReceipts, type FollowReceiptsOptions,
} from './follow.js'
export { fillSequence } from './gaps.js'
export * from './genesis.js'
export { type Domain, DOMAINS, hash, pairHasher, signedMessage } from './hash.js'
export * from './lanes.js'
export * from './merkle.js'
export * from './receipt.js'
export {
  call, type Chain, type Client, connect, type ConnectOptions, type Patience, type WebSocketClass,
} from './rpc.js'
export * from './settle.js'
export * from './state.js'
export * from './transaction.js'
export {
  advance, getHeader, getProvenEntry, getProvenReceipt, headerOf, type Trust, trustValidators, validatorSet, verifyEntry,
  verifyHeader, verifyReceipt,
} from './trust.js'
export * from './typed.js'
export type * from './views.js'
export { getBlock } from './whole.js'
