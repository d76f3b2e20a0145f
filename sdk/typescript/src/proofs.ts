/** `@ehb/sdk/proofs`: proofs as files, which anybody who has the genesis verifies without a network. */
import { type Header, HEADER_FIELDS, validatorsHash } from './block.js'
import { equal, fromHex, toHex } from './bytes.js'
import { ProofError } from './errors.js'
import type { Receipt } from './receipt.js'
import { call, type Client } from './rpc.js'
import { advance, entryUnder, getHeader, proving, receiptUnder, type Trust, verifyHeader, whole } from './trust.js'
import type { At, ReceiptProofView, SignedHeaderView, StateProofView, ValidatorView } from './views.js'

export * from './stored.js'

/** A change of the validators: the last header of those before, and those from the next height on. */
export interface SetChange {
  readonly header: SignedHeaderView
  readonly next: readonly ValidatorView[]
}

/** The JSON of a file, as `docs/proofs.md` describes it. */
export interface ProofFile {
  readonly format: typeof PROOF_FORMAT
  readonly genesisHash: string
  /** The changes of the validators since genesis, ascending. */
  readonly changes: readonly SetChange[]
  /** The header after the block to which entries and receipts belong. */
  readonly header: SignedHeaderView
  readonly entries: readonly StateProofView[]
  readonly receipts: readonly ReceiptProofView[]
}

/** The content of a proof that was verified. */
export interface Proven {
  /** The header, which the validators decided. */
  readonly header: Header
  /** The entries of the state after the block before the header; `null` for one that does not exist. */
  readonly entries: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null }[]
  /** The receipts of that block, with their index in it. */
  readonly receipts: readonly { readonly index: number; readonly receipt: Receipt }[]
}

/** The name and version of the format. */
export const PROOF_FORMAT = 'ehb-proof/1'
/** The longest file, characters. */
const LENGTH_MAX = 64 << 20
/** The largest numbers of changes, and of entries or receipts. */
const CHANGES_MAX = 1_000
const ITEMS_MAX = 256

/** The members of a value: of an object by name, of the items of a list; `null` for a value without members. */
type Shape = { readonly [name: string]: Shape } | readonly [Shape] | null

const VALIDATORS: Shape = [{ name: null, consensusKey: null, nodeKey: null, power: null }]
const HEADER: Shape = {
  hash: null,
  header: Object.fromEntries(HEADER_FIELDS.map(([name]) => [name, null])),
  certificate: { height: null, round: null, block: null, signatures: [{ validator: null, signature: null }] },
  validators: VALIDATORS,
}
const FILE: Shape = {
  format: null,
  genesisHash: null,
  changes: [{ header: HEADER, next: VALIDATORS }],
  header: HEADER,
  entries: [{ height: null, key: null, value: null, proof: { siblings: [null], other: { key: null, value: null } } }],
  receipts: [{ height: null, index: null, receipt: null, proof: { index: null, path: [null] } }],
}

const wrong = (problem: string): ProofError => new ProofError(`the file is not a proof: ${problem}`)

/** Checks that no member is missing and none unknown: a file has one meaning. A part can be `null`, which its reader refuses. */
function checkMembers(value: any, shape: Shape): void {
  if (value === null || shape === null) return
  if (Array.isArray(shape)) {
    for (const item of value) checkMembers(item, shape[0])
    return
  }
  const names = Object.keys(shape)
  if (Object.keys(value).length !== names.length || Array.isArray(value)) throw wrong('it has other members')
  for (const name of names) {
    if (!Object.hasOwn(value, name)) throw wrong(`it has no ${name}`)
    checkMembers(value[name], (shape as { [name: string]: Shape })[name]!)
  }
}

/** Reads a file; nothing is verified. Errors: `ProofError`. */
export function readProofFile(text: string): ProofFile {
  return proving('the file is not a proof', () => {
    if (text.length > LENGTH_MAX) throw wrong('it is too long')
    const file = JSON.parse(text)
    if (file.format !== PROOF_FORMAT) throw wrong(`its format is not ${PROOF_FORMAT}`)
    checkMembers(file, FILE)
    for (const [list, max] of [[file.changes, CHANGES_MAX], [file.entries, ITEMS_MAX], [file.receipts, ITEMS_MAX]]) {
      if (!Array.isArray(list) || list.length > max) throw wrong(`a list has more than ${max} items`)
    }
    return file
  })
}

/** Verifies a file, trusting the validators of the genesis (`trustGenesis`). Errors: `ProofError`. */
export async function verifyProofFile(trust: Trust, text: string): Promise<Proven> {
  const file = readProofFile(text)
  const chain = proving('the genesis hash in the file is malformed', () => fromHex(file.genesisHash, 32))
  if (!equal(chain, trust.chain)) throw new ProofError('the file belongs to another chain')
  let above = 0
  for (const change of file.changes) {
    const { header, trust: next } = await advance(trust, change.header, change.next)
    if (header.height <= above || equal(header.nextValidators, header.validators)) {
      throw new ProofError('the changes of the validators are not one for each change, ascending')
    }
    ;[above, trust] = [header.height, next]
  }
  const header = await verifyHeader(trust, file.header)
  if (header.height <= above) throw new ProofError('the header is not above the changes of the validators')
  const receipts = file.receipts.map((it) => ({ index: it.index, receipt: receiptUnder(header, it) }))
  return { header, entries: file.entries.map((it) => entryUnder(header, it)), receipts }
}

/** The text of a file, once it is verified. */
async function proofUnder(
  client: Client,
  trust: Trust,
  header: SignedHeaderView,
  content: { entries?: readonly StateProofView[]; receipts?: readonly ReceiptProofView[] },
): Promise<[string, Proven]> {
  const changes = await changesTo(client, trust, header)
  const file: ProofFile = {
    format: PROOF_FORMAT, genesisHash: toHex(trust.chain), changes, header, entries: [], receipts: [], ...content,
  }
  const text = `${JSON.stringify(file, null, 2)}\n`
  return [text, await verifyProofFile(trust, text)]
}

/** The changes of the validators from the trusted ones, which decide height 1, to those of a header. */
async function changesTo(client: Client, trust: Trust, header: SignedHeaderView): Promise<SetChange[]> {
  const at = (height: number) => call<SignedHeaderView>(client, 'chain_getHeader', { at: height })
  const target = whole(header?.header?.['height'])
  const changes: SetChange[] = []
  for (let low = 1; ; ) {
    const trusted = toHex(validatorsHash(trust.validators))
    if (header.header['validators'] === trusted) return changes
    let high = target
    // The header at `low` has the trusted set, that at `high` has not: somewhere between them it changes.
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if ((await at(middle))?.header?.['validators'] === trusted) low = middle
      else high = middle
    }
    if (high <= low || changes.length === CHANGES_MAX) throw new ProofError('the header was decided by validators that are not the trusted ones')
    const last = await at(low)
    const { validators: next } = high === target ? header : await at(high)
    trust = (await advance(trust, last, next)).trust
    changes.push({ header: last, next })
    low = high
  }
}

/** Proves a decided header, by default that of the head. `trust` has the validators of the genesis. Returns the file's text. */
export async function proveHeader(client: Client, trust: Trust, at?: At): Promise<string> {
  const [text] = await proofUnder(client, trust, await call<SignedHeaderView>(client, 'chain_getHeader', { at }), {})
  return text
}

/**
 * Proves entries of one state, by default the head's, or their absence, by their keys in the whole state (`moduleKey`).
 * Returns the file's text. Nothing proves that there are no other entries of a kind.
 */
export async function proveEntries(client: Client, trust: Trust, keys: readonly Uint8Array[], at?: At): Promise<string> {
  const entries: StateProofView[] = []
  for (const key of keys) {
    const entry = await call<StateProofView>(client, 'state_getProof', { key: { key: `0x${toHex(key)}` }, ...(at !== undefined && { at }) })
    at = whole(entry?.height)
    entries.push(entry)
  }
  if (entries.length === 0) throw new ProofError('a proof needs at least one key')
  const [text, proven] = await proofUnder(client, trust, await getHeader(client, entries[0]!.height + 1), { entries })
  if (!proven.entries.every((it, index) => equal(it.key, keys[index]!))) throw new ProofError('the answer is about another key')
  return text
}

/** Proves the receipt of a final transaction, or of genesis by its own id. Returns the file's text. */
export async function proveReceipt(client: Client, trust: Trust, id: string): Promise<string> {
  const proof = await call<ReceiptProofView>(client, 'tx_getProof', { id })
  const header = await getHeader(client, whole(proof?.height) + 1)
  const [text, { receipts }] = await proofUnder(client, trust, header, { receipts: [proof] })
  if (receipts[0]?.receipt.transaction !== id) throw new ProofError('the receipt is that of another transaction')
  return text
}
