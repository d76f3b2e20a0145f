/** Typed functions of modules, which `ehb-codegen` generates. */
import type { Network } from './address.js'
import { decodeValue, encodeArguments, type ModuleFunction, outputType, type Value } from './abi.js'
import { type Arguments, readBy, type ReadOptions, type ReadResult } from './client.js'
import type { Client } from './rpc.js'
import type { Call } from './transaction.js'

/** A function of a module: its arguments `A`, its result `R` and its error `E`. */
export interface TypedFunction<A, R, E> {
  /** Encodes a call, by the interface from which this was generated: it asks no node. */
  call(network: Network, values: A): Call
  /** Calls a read-only function. */
  read(client: Client, values: A, options?: ReadOptions): Promise<Omit<ReadResult, 'value'> & { readonly value: R }>
  /** Reads the canonical bytes of the result, from a receipt. */
  result(network: Network, data: Uint8Array): R
  /** Reads the canonical bytes of the error that the function returned. */
  error(network: Network, data: Uint8Array): E
}

/** A function of a module by its signature. */
export function defineFunction<A, R, E>(
  module: string,
  signature: Pick<ModuleFunction, 'name' | 'parameters' | 'result'>,
): TypedFunction<A, R, E> {
  const { name, parameters, result } = signature
  const error = result !== null && typeof result === 'object' && 'result' in result ? result.result.err : null
  // A function without a result or error has the empty value: no byte follows.
  const decode = (network: Network, type: typeof result, data: Uint8Array): Value =>
    type === null ? decodeValue(network, { tuple: [] }, data) && null : decodeValue(network, type, data)
  return {
    call: (network, values) => ({
      module, function: name, arguments: encodeArguments(network, parameters, values as Arguments),
    }),
    read: (client, values, options) => readBy(client, module, signature, values as Arguments, options) as any,
    result: (network, data) => decode(network, outputType(result), data) as R,
    error: (network, data) => decode(network, error, data) as E,
  }
}
