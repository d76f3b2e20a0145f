/** The catalogue of refusals and failures: `[number in receipts, whether repeating is safe and can help, hint]`. */
export const CODES = {
  MALFORMED_TRANSACTION: [0, false, "encode the transaction canonically: no trailing bytes, signatures ascending by key"],
  TRANSACTION_TOO_LARGE: [1, false, "split the transaction, or shorten its texts"],
  WRONG_CHAIN: [2, false, "sign for the genesis hash that the node's status shows"],
  BAD_SIGNATURE: [3, false, "sign the transaction's id with the key that the signature names"],
  UNSUPPORTED_VERSION: [4, false, "use a release of the SDK or the CLI that writes the version that the node reads"],
  UNKNOWN_SENDER: [10, false, "let an organisation on the chain register the account first"],
  INACTIVE_SENDER: [11, true, "ask the account's organisation why it is suspended or closed, or the network why it is frozen"],
  NOT_AUTHORISED: [12, false, "sign with keys of the account whose weights reach its threshold"],
  EXPIRED: [13, false, "sign again with a later valid_until_ms; count it from chainTimeMs of the node's status, because the clock of a machine can be slow"],
  EXPIRY_TOO_FAR: [14, false, "choose an earlier valid_until_ms, counted from chainTimeMs of the node's status; the parameter validity_ms_max is the longest validity"],
  SEQUENCE_USED: [15, false, "read the account's next sequence and sign again"],
  SEQUENCE_GAP: [16, true, "send the missing sequences of the lane first"],
  SEQUENCE_PENDING: [17, true, "wait for the pending transaction, or use another lane"],
  GAS_LIMIT_TOO_HIGH: [18, false, "lower gas_limit to what a block allows"],
  SENDER_QUOTA: [19, true, "wait until some of the sender's pending transactions are final"],
  MEMPOOL_FULL: [20, true, "wait a little and submit again"],
  ALREADY_KNOWN: [21, false, "wait for the transaction: it was submitted before"],
  UNKNOWN_MODULE: [30, false, "list the installed modules and check the name"],
  UNKNOWN_FUNCTION: [31, false, "read the module's interface and check the name"],
  BAD_ARGUMENTS: [32, false, "read the function's parameters in the module's interface"],
  OUT_OF_GAS: [33, false, "simulate the transaction and raise gas_limit"],
  TRAP: [34, false, "report it to the module's author: its code trapped"],
  MODULE_ERROR: [35, false, "a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires"],
  PERMISSION_DENIED: [36, false, "act with an account that has the needed role"],
  CALL_DEPTH: [37, false, "reduce the depth of calls between modules"],
  REENTRANCY: [38, false, "report it to the module's author: a module called back into itself"],
  STATE_LIMIT: [39, false, "use shorter keys and values, or fewer of them"],
  READ_ONLY: [40, false, "submit a transaction: this call changes the state"],
  MODULE_PAUSED: [41, true, "wait until the module is resumed by governance"],
  NOT_FOUND: [60, false, "check the id, height or time; what is not final yet is found later"],
  PRUNED: [61, false, "ask an archive node"],
  NOT_READY: [62, true, "wait a little and ask again, or ask another node"],
  TIMEOUT: [63, false, "the outcome is unknown: ask for the transaction by its id"],
  INVALID_REQUEST: [64, false, "read the method's description and correct the request"],
  LIMIT_EXCEEDED: [65, false, "request less at once"],
  HALTED: [66, false, "read the node's log: it stopped to protect the chain"],
  INTERNAL: [67, false, "report it with the node's log"],
  SIMULATION_UNSIGNED: [68, false, "sign the transaction and simulate it signed, or leave out the calls of the kernel"],
} as const satisfies Record<string, readonly [number, boolean, string]>

/** A stable code that programs can rely on. A newer node can have others. */
export type Code = keyof typeof CODES

/** The code that a receipt holds as a number; `undefined` for one that only a newer node has. */
export function codeOfNumber(number: number): Code | undefined {
  return (Object.keys(CODES) as Code[]).find((code) => CODES[code][0] === number)
}
