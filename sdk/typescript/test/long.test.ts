/** Blocks that are longer than a response, from a node that returns them in parts, as the documentation of `chain_getBlock` says. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  type BlockNotice, type BlockView, type Client, connect, type Detail, followBlocks, getBlock, ProtocolError,
  RefusedError, toBase64,
} from '@ehb/sdk'
import { WebSocketServer } from 'ws'
import { Socket } from './network.js'

/** The longest response of a node. */
const ANSWER_BYTES_MAX = 32 << 20
const PART_BYTES = 12 << 20
const HASH = 'ab'.repeat(32)
const LONG = 1

/** Bytes that differ from place to place. */
function filled(length: number, factor: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (at * factor + (at >> 8)) & 0xff
  return bytes
}

const block = filled((5 << 20) + 1, 31)
const receipts = filled((40 << 20) + 1, 17)
const transactionsOf = (count: number, from: number) => Array.from({ length: count }, (_, at) => ({ id: `transaction ${from + at}` }))
/** With `full`: transactions, and receipts of which there is one more. */
const COUNT = 25

/** A part of the long block. */
function part(detail: Detail, from: number): object {
  if (detail === 'full') {
    const shown = Math.min(10, COUNT + 1 - from)
    const list = transactionsOf(Math.max(0, Math.min(shown, COUNT - from)), from)
    const own = Array.from({ length: shown }, (_, at) => ({ transaction: `receipt ${from + at}` }))
    return { transactions: list, receipts: own, ...(from + shown <= COUNT && { nextIndex: from + shown }) }
  }
  const end = Math.min(from + PART_BYTES, block.length + receipts.length)
  const rest = [block.subarray(from, end), receipts.subarray(Math.max(0, from - block.length), Math.max(0, end - block.length))]
  const [ofBlock, ofReceipts] = rest.map((it) => Buffer.from(it).toString('base64'))
  const next = end < block.length + receipts.length ? { nextIndex: end } : {}
  return { canonical: { block: ofBlock, receipts: ofReceipts, certificate: toBase64(filled(9, 1)) }, ...next }
}

const headerOf = (height: number) => ({ hash: height === LONG ? HASH : 'cd'.repeat(32), header: { height, timestampMs: height } })

interface Behaviour {
  /** Changes a part before it is sent. */
  readonly change?: (part: any, from: number) => object
  /** Whether a single receipt is too long for a response. */
  readonly hasHugeReceipt?: boolean
}

/** A node with a long block and a short one. */
async function node(context: TestContext, { change, hasHugeReceipt }: Behaviour = {}): Promise<string> {
  const asked = (method: string, params: any): object => {
    if (method === 'chain_status') {
      return { result: { chainId: 'x', network: 'test', genesisHash: HASH, height: 2, head: HASH, timestampMs: 1, ready: true } }
    }
    if (method === 'chain_getHeader') return { result: headerOf(params.at) }
    const tooLong = { code: -32065, message: 'too long', data: { code: 'LIMIT_EXCEEDED', message: 'too long', hint: '', retryable: false } }
    if (method !== 'chain_getBlock' || hasHugeReceipt) return { error: tooLong }
    const { at, detail, fromIndex = 0 } = params
    assert.ok(at === LONG || at === HASH)
    const sent = { ...headerOf(LONG), transactionCount: COUNT, receiptCount: COUNT + 1, ...part(detail, fromIndex) }
    return { result: change === undefined ? sent : change(sent, fromIndex) }
  }
  const answer = (text: string): string => {
    const { id, method, params } = JSON.parse(text)
    const written = JSON.stringify({ jsonrpc: '2.0', id, ...asked(method, params) })
    assert.ok(written.length <= ANSWER_BYTES_MAX)
    return written
  }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    response.end(answer(text))
  })
  const sockets = new WebSocketServer({ server, maxPayload: ANSWER_BYTES_MAX })
  sockets.on('connection', (line) => line.on('message', (data) => {
    const { id, method } = JSON.parse(String(data))
    if (method !== 'chain_subscribeBlocks') return line.send(answer(String(data)))
    line.send(JSON.stringify({ jsonrpc: '2.0', id, result: 1 }))
    const notices = [{ type: 'gap', fromHeight: LONG, toHeight: LONG, reason: 'tooLong' }, { type: 'block', block: headerOf(2) }]
    for (const result of notices) line.send(JSON.stringify({ jsonrpc: '2.0', method: 'chain_blocks', params: { subscription: 1, result } }))
  }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    for (const it of sockets.clients) it.terminate()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const dial = (url: string): Promise<Client> => connect(url, { WebSocket: Socket, patience: { silenceMs: 120_000, outageMs: 1 } })

const isSame = (text: string | undefined, bytes: Uint8Array): boolean => Buffer.from(text ?? '', 'base64').equals(bytes)

function assertWhole(read: BlockView, detail: Detail): void {
  assert.equal(read.header.height, LONG)
  assert.equal(read.nextIndex, undefined)
  if (detail === 'canonical') {
    assert.ok(isSame(read.canonical?.block, block) && isSame(read.canonical?.receipts, receipts))
    return
  }
  assert.deepEqual(read.transactions, transactionsOf(COUNT, 0))
  assert.deepEqual(read.receipts?.map((it: any) => it.transaction), Array.from({ length: COUNT + 1 }, (_, at) => `receipt ${at}`))
}

for (const detail of ['canonical', 'full'] as const) {
  test(`a block longer than a response is read whole, ${detail}`, async (context) => {
    assert.ok(block.length + receipts.length > ANSWER_BYTES_MAX)
    assertWhole(await getBlock(await dial(await node(context)), LONG, detail), detail)
  })

  test(`a block longer than a response is followed whole, ${detail}`, async (context) => {
    const heights: number[] = []
    for await (const notice of followBlocks(await dial(await node(context)), { fromHeight: LONG, detail })) {
      if (notice.type !== 'block') assert.fail('a gap')
      heights.push(notice.block.header.height)
      if (notice.block.header.height === LONG) assertWhole(notice.block, detail)
      else break
    }
    assert.deepEqual(heights, [LONG, 2])
  })
}

test('a block with a receipt longer than a response is a gap, and the next block follows', async (context) => {
  const client = await dial(await node(context, { hasHugeReceipt: true }))
  const notices: BlockNotice[] = []
  for await (const notice of followBlocks(client, { fromHeight: LONG, detail: 'full' })) {
    if (notices.push(notice) === 2) break
  }
  assert.deepEqual(notices[0], { type: 'gap', fromHeight: LONG, toHeight: LONG, reason: 'tooLong' })
  assert.equal(notices[1]?.type, 'block')
  await assert.rejects(getBlock(client, LONG), (error) => error instanceof RefusedError && error.code === 'LIMIT_EXCEEDED')
})

test('parts that do not belong together are an error', async (context) => {
  const changes: ((part: any, from: number) => object)[] = [
    (it, from) => (from === 0 ? it : { ...it, hash: 'ef'.repeat(32) }),
    (it, from) => (from === 0 ? it : { ...it, nextIndex: from }),
    (it, from) => (from === 0 ? it : { ...it, transactions: undefined }),
    (it) => ({ ...it, nextIndex: 1.5 }),
    (it, from) => ({ ...it, nextIndex: from + 1 }),
  ]
  for (const change of changes) {
    await assert.rejects(getBlock(await dial(await node(context, { change })), LONG), ProtocolError)
  }
})
