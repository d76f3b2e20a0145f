/**
 * Checks in this page what the indexer answered: with proofs of a node, the validators of a genesis whose hash the reader trusts,
 * and the types of the module. Nothing here asks the indexer for the truth, only for heights at which validators changed.
 */
import {
  addressFromText, advance, call, type Client, connect, decodeValue, fromBase64, genesisHash, getHeader, getModule, getProvenEntry, getProvenReceipt, Reader, toHex,
  toJson, type Trust, trustGenesis,
} from '@ehb/sdk'
import { get, getList, type Row } from '../api/client'

/** A check that succeeded, in the order of `texts.proof.steps`. */
export interface Step {
  readonly name: 'node' | 'genesis' | 'validators' | 'header' | 'inclusion' | 'equal'
  readonly values: { readonly [name: string]: string | number }
}

/** The proof is valid, but the page showed something else. */
export class DifferentError extends Error {}

const encoder = new TextEncoder()
/** The longest genesis that is fetched, bytes. */
const GENESIS_BYTES_MAX = 64 << 20

/** The nodes that the server names. */
export async function nodesOf(): Promise<readonly string[]> {
  const { nodes } = await get<{ nodes: string[] }>('/dashboard.json')
  return nodes
}

/** The genesis hash that the nodes claim: what a reader compares with the one from elsewhere. */
export async function claimedGenesis(): Promise<string> {
  return (await connect(await nodesOf())).chain.genesisHash
}

/** The text of the genesis file. */
async function genesisText(client: Client): Promise<string> {
  const parts: Uint8Array[] = []
  let offset = 0
  for (;;) {
    const { bytes, data } = await call<{ bytes: number; data: string }>(client, 'chain_getGenesis', { offset })
    const part = fromBase64(data)
    parts.push(part)
    offset += part.length
    if (part.length === 0 || bytes > GENESIS_BYTES_MAX || offset >= bytes) break
  }
  const whole = new Uint8Array(offset)
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0)
  return new TextDecoder('utf-8', { fatal: true }).decode(whole)
}

interface Trusted {
  readonly client: Client
  readonly trust: Trust
}

/** Trusts the validators of a height, beginning with those of the genesis with this hash. */
async function trusted(pinned: string, say: (step: Step) => void): Promise<(height: number) => Promise<Trusted>> {
  const nodes = await nodesOf()
  const client = await connect(nodes)
  say({ name: 'node', values: { node: client.urls[client.current] ?? '' } })
  const text = await genesisText(client)
  const actual = toHex(genesisHash(text))
  if (actual !== pinned) throw new DifferentError(`the genesis of the node has the hash ${actual}`)
  let trust = trustGenesis(text)
  say({ name: 'genesis', values: { hash: actual, n: trust.validators.length } })
  return async (height) => {
    const rows = (await getList('validators', { limit: '200' })).data
    const changes = [...new Set(rows.map((it) => it.fromHeight))].filter((it) => it > 1 && it <= height).sort((a, b) => a - b)
    for (const from of changes) {
      const [last, next] = [await getHeader(client, from - 1), await getHeader(client, from)]
      trust = (await advance(trust, last, next.validators)).trust
    }
    say({ name: 'validators', values: { n: changes.length } })
    return { client, trust }
  }
}

/** Whether two JSON values are the same, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [keys, others] = [Object.keys(a), Object.keys(b)]
  return keys.length === others.length && keys.every((key) => key in b && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

/** The first byte of a module's value: the layout of what follows. */
const LAYOUT = 1

/** What the page shows of a transaction. */
export interface ShownTransaction {
  readonly id: string
  readonly height: number
  readonly succeeded: boolean
  readonly gasUsed: string
  readonly events: readonly Pick<Row<'events'>, 'module' | 'name' | 'value'>[]
}

/** Proves that a transaction had the result and the events that are shown. */
export async function checkTransaction(shown: ShownTransaction, pinned: string, say: (step: Step) => void): Promise<void> {
  const { client, trust } = await (await trusted(pinned, say))(shown.height + 1)
  const receipt = await getProvenReceipt(client, trust, shown.id)
  say({ name: 'header', values: { height: shown.height + 1 } })
  say({ name: 'inclusion', values: { what: 'receipt' } })
  const differs = (what: string): never => { throw new DifferentError(`${what} is not what the page shows`) }
  if ((receipt.outcome.status === 'success') !== shown.succeeded) differs('the outcome')
  if (receipt.gasUsed.toString() !== shown.gasUsed) differs('the gas')
  if (receipt.events.length !== shown.events.length) differs('the number of events')
  for (const [at, event] of receipt.events.entries()) {
    const row = shown.events[at]
    const { interface: types } = await getModule(client, event.module, { at: shown.height })
    if (types.event === null || row === undefined) return differs(`event ${at}`)
    const value = toJson(decodeValue(client.chain.network, types.event, event.data))
    const claimed = row.value === null || row.value === undefined ? row.name : { [row.name]: row.value }
    if (row.module !== event.module || !same(value, claimed)) differs(`event ${at}`)
  }
  say({ name: 'equal', values: { n: receipt.events.length } })
}

/** Proves a balance after the block up to which the indexer answers. */
export async function checkBalance(account: string, asset: string, pinned: string, say: (step: Step) => void): Promise<void> {
  const { data, freshness } = await getList('balances', { account, asset })
  const [row] = data
  const height = freshness.height
  if (row === undefined || height === null) throw new DifferentError('the page shows no balance')
  const { client, trust } = await (await trusted(pinned, say))(height + 1)
  // The key of the table of balances, as docs/state.md lists it: `b`, the address, the asset.
  const address = addressFromText(client.chain.network, account)
  const key = new Uint8Array([...encoder.encode('b'), ...address, ...encoder.encode(asset)])
  const entry = await getProvenEntry(client, trust, 'wallet', key, { at: height })
  say({ name: 'header', values: { height: height + 1 } })
  say({ name: 'inclusion', values: { what: 'entry' } })
  if (entry === null) throw new DifferentError('the chain has no such balance')
  const reader = new Reader(entry)
  if (reader.unsigned(8) !== LAYOUT) throw new Error('the module stores balances in a layout that this page does not know')
  const [available, held] = [reader.u64().toString(), reader.u64().toString()]
  if (available !== row.available || held !== row.held) throw new DifferentError(`the balance is ${available} and ${held} held, in base units; that is not what the page shows`)
  say({ name: 'equal', values: { n: 2 } })
}
