/** A node with a false value in each field of each response, and connections that break anywhere: typed errors, never a wrong result. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import {
  buildTransaction, connect, encodeCall, EhbError, execute, followBlocks, getFate, getNextSequence, getProvenReceipt, read,
  signerOfSeed, submit, transactionId, trustGenesis, trustValidators,
} from '@ehb/sdk'
import { proveHeader, proveReceipt, verifyProofFile } from '@ehb/sdk/proofs'
import { WebSocketServer } from 'ws'
import { Socket } from './network.js'
import { vectors } from './vectors.js'

const chain = vectors('chain')
const keys = vectors('keys')
const { id, answer: proof } = chain.receipts[1]
const OTHER = keys.accounts[0].test

const receipt = {
  transaction: id, outcome: { status: 'success', results: [{ data: '0x', value: null }] }, gasUsed: '1000', events: [],
}
const fields = [{ name: 'to', type: 'address' }, { name: 'amount', type: 'u64' }]
const functions = [
  { name: 'balance', interface: 'x', parameters: [{ name: 'account', type: 'address' }], result: 'u64', docs: '' },
  { name: 'transfer', interface: 'x', parameters: fields, result: null, docs: '' },
]
const ANSWERS: Record<string, any> = {
  chain_status: {
    chainId: 'x', network: 'test', genesisHash: chain.genesis.hash, height: 7, head: id, timestampMs: 1_795_960_000_000,
    chainTimeMs: 1_795_960_000_250,
  },
  module_describe: { name: 'wallet', address: OTHER, codeHash: id, wit: '', interface: { functions, event: null } },
  module_call: { height: 7, value: '12', gasUsed: '5' },
  account_nextSequence: '3',
  tx_simulate: receipt,
  tx_get: { status: 'final', height: 7, index: 1, timestampMs: 1, sender: OTHER, receipt },
  tx_getProof: proof,
  chain_getHeader: chain.next,
}

/** A node whose responses are those of `answer`. */
async function node(answer: (method: string, params: any) => unknown): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const { id, method, params } = JSON.parse(text)
    const result = answer(method, params)
    response.end(typeof result === 'function' ? result(id) : JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Values that differ from this one in one place. */
function* lies(value: any): Generator<any> {
  yield* [null, undefined, {}, [], '', 'x', -1, 1.5, 2 ** 60, true, '\u202e\0', '9'.repeat(30)]
  if (Array.isArray(value)) {
    for (const [index, it] of value.entries()) for (const lie of lies(it)) yield value.with(index, lie)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, it] of Object.entries(value)) for (const lie of lies(it)) yield { ...value, [name]: lie }
  }
}

test('each false value in each field is a typed error or changes nothing', async (context) => {
  let current: Record<string, any> = ANSWERS
  const { url, server } = await node((method) => current[method])
  context.after(() => server.close())
  const trust = trustValidators(chain.genesis.hash, chain.validators)
  const patience = { pauseFirstMs: 1, pauseMaxMs: 1, silenceMs: 60_000 }
  const signer = await signerOfSeed(new Uint8Array(32))
  /** All requests of a payment, and their results as text. */
  const all = async (): Promise<string> => {
    const client = await connect(url, { patience })
    const { value } = await read(client, 'wallet', 'balance', { account: OTHER })
    const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
    const draft = { calls: [call], validUntilMs: 1, idempotencyKey: 'k' }
    const transaction = await buildTransaction(client, signer.address, draft)
    const proven = await getProvenReceipt(client, trust, id)
    const fate = await getFate(client, id)
    const results = [value, transaction, await getNextSequence(client, OTHER), proven, fate.status]
    return JSON.stringify(results, (_, it) => (typeof it === 'bigint' ? `${it}n` : it))
  }
  const truth = await all()
  let [refused, count] = [0, 0]
  for (const method of Object.keys(ANSWERS)) {
    // Those of proofs are changed character by character in the tests of proofs.
    const isProof = method === 'tx_getProof' || method === 'chain_getHeader'
    for (const lie of isProof ? [...lies(ANSWERS[method])].slice(0, 60) : lies(ANSWERS[method])) {
      current = { ...ANSWERS, [method]: lie }
      count++
      let text: string
      try {
        text = await all()
      } catch (error) {
        assert.ok(error instanceof EhbError, `${method}: ${JSON.stringify(lie)}: ${(error as Error).stack}`)
        refused++
        continue
      }
      const result = JSON.parse(text)
      // An unproven response may differ in content, but never in form.
      // A module that declares no result has none.
      const hasResult = method !== 'module_describe'
      assert.ok(hasResult ? /^\d+n$/.test(result[0]) : result[0] === null || /^\d+n$/.test(result[0]), JSON.stringify(lie))
      assert.match(result[1].sequence, /^\d+n$/)
      assert.match(result[2], /^\d+n$/)
      assert.deepEqual(result[3], JSON.parse(truth)[3])
    }
  }
  assert.ok(count > 300 && refused > 150, `${refused} of ${count}`)
})

test('a lost answer to a submission hides no outcome', async (context) => {
  const answers: Record<string, any> = { ...ANSWERS, tx_submit: () => '<html>' }
  const { url, server } = await node((method) => answers[method])
  context.after(() => server.close())
  const client = await connect(url)
  const signer = await signerOfSeed(new Uint8Array(32))
  const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
  const draft = { calls: [call], validUntilMs: 1, idempotencyKey: 'k' }
  const transaction = transactionId(await buildTransaction(client, signer.address, { ...draft, sequence: 3n }))
  answers['tx_wait'] = { ...ANSWERS['tx_get'], receipt: { ...receipt, transaction } }
  const { id: sent, outcome } = await execute(client, signer, { ...draft, sequence: 3n }, 60_000)
  assert.equal(sent, transaction)
  assert.equal(outcome.status, 'final')
})

test('responses that are not JSON-RPC are refused', async (context) => {
  const ok = JSON.stringify(ANSWERS['chain_status'])
  const answers: ((id: number) => string)[] = [
    () => '', () => 'null', () => '[]', () => '{', () => '<html>', () => '{"jsonrpc":"2.0"}',
    (id) => `{"jsonrpc":"1.0","id":${id},"result":${ok}}`,
    (id) => `{"jsonrpc":"2.0","id":${id + 1},"result":${ok}}`,
    (id) => `{"jsonrpc":"2.0","id":"${id}","result":${ok}}`,
    // A response with two ids, of which the last is not the request's.
    (id) => `{"jsonrpc":"2.0","id":${id},"id":${id + 7},"result":${ok}}`,
    (id) => `{"jsonrpc":"2.0","id":${id},"error":"no"}`,
    (id) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"x","data":{"code":7}}}`,
    () => '['.repeat(1_000_000),
  ]
  let next = 0
  const { url, server } = await node(() => answers[next])
  context.after(() => server.close())
  for (; next < answers.length; next++) await assert.rejects(connect(url), { kind: 'protocol' }, String(next))
})

test('an endless response is cut off at the limit', async (context) => {
  const part = Buffer.alloc(1 << 20, 0x20)
  let sent = 0
  const server = createServer((request, response) => {
    request.resume()
    const send = () => {
      while (sent < 500) {
        sent++
        if (!response.write(part)) return void response.once('drain', send)
      }
    }
    response.on('error', () => {})
    send()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await assert.rejects(connect(url, { patience: { silenceMs: 120_000 } }), { kind: 'protocol' })
  assert.ok(sent < 200, `${sent} MiB were read`)
})

/** A node whose subscription sends the notices of `script`, over one connection after the other. */
async function announcing(script: (send: (text: string) => void, params: any, close: () => void) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const state = { lines: 0 }
  server.on('connection', (line) => {
    state.lines++
    line.on('error', () => {})
    line.on('message', (data) => {
      const { id, method, params } = JSON.parse(String(data))
      const reply = (result: unknown) => line.send(JSON.stringify({ jsonrpc: '2.0', id, result }))
      if (method === 'chain_status') return reply(ANSWERS['chain_status'])
      reply('sub')
      script((text) => line.send(text), params, () => line.terminate())
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const patience = { pauseFirstMs: 1, pauseMaxMs: 1, silenceMs: 5_000, outageMs: 30 }
  const client = {
    chain: { id: 'x', network: 'test' as const, genesisHash: chain.genesis.hash }, urls: [`http://127.0.0.1:${port}`],
    patience, WebSocket: Socket, current: 0, memory: new Map(),
  }
  const stop = () => {
    for (const it of server.clients) it.terminate()
    server.close()
  }
  return { client, stop, state }
}

const block = (height: number) => ({ type: 'block', block: { hash: id, header: { height, timestampMs: 1 }, transactionCount: 0 } })
const notice = (result: unknown) => JSON.stringify({ jsonrpc: '2.0', method: 'chain_blocks', params: { subscription: 'sub', result } })

test('a notice that does not fit closes its connection, and is an error in the end', async (context) => {
  const bad = [
    'x', '{}', '[]', 'null', notice(null), notice({}), notice(block(9)), notice(block(7)), notice(block(-1)), notice(block(1.5)),
    notice({ type: 'gap', fromHeight: 8, toHeight: 7 }), notice({ type: 'gap', fromHeight: 9, toHeight: 10 }), notice({ type: 'news' }),
    JSON.stringify({ jsonrpc: '2.0', method: 'chain_blocks', params: { subscription: 'sub', error: 'x' } }),
  ]
  for (const text of bad) {
    const { client, stop } = await announcing((send) => send(text))
    context.after(stop)
    await assert.rejects(followBlocks(client, { fromHeight: 8 }).next(), EhbError, text)
  }
})

test('a subscription that ends after each message continues where it was', async (context) => {
  const { client, stop, state } = await announcing((send, params, close) => {
    send(notice(block(params.fromHeight)))
    setTimeout(close, 5)
  })
  context.after(stop)
  const heights: number[] = []
  for await (const it of followBlocks(client, { fromHeight: 8 })) {
    if (it.type === 'block') heights.push(it.block.header.height)
    if (heights.length === 20) break
  }
  assert.deepEqual(heights, Array.from({ length: 20 }, (_, index) => index + 8))
  assert.ok(state.lines >= 10)
})

test('a consumer that is slower than the node loses the connection, not a block', async (context) => {
  const { client, stop, state } = await announcing((send, params) => {
    for (let height = params.fromHeight; height < 208; height++) send(notice(block(height)))
  })
  context.after(stop)
  const heights: number[] = []
  for await (const it of followBlocks(client, { fromHeight: 8 })) {
    if (it.type === 'block') heights.push(it.block.header.height)
    if (heights.length === 200) break
    if (heights.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.deepEqual(heights, Array.from({ length: 200 }, (_, index) => index + 8))
  assert.ok(state.lines > 1, 'the queue is bounded')
})

test('a gap is reported, and then the blocks after it', async (context) => {
  const { client, stop } = await announcing((send) => {
    send(notice({ type: 'gap', fromHeight: 8, toHeight: 20, reason: 'pruned' }))
    send(notice(block(21)))
  })
  context.after(stop)
  const follower = followBlocks(client, { fromHeight: 8 })
  assert.deepEqual((await follower.next()).value, { type: 'gap', fromHeight: 8, toHeight: 20, reason: 'pruned' })
  assert.deepEqual((await follower.next()).value, block(21))
  await follower.return()
})

test('a transaction that cannot be encoded was never sent, and its outcome is not unknown', async (context) => {
  const { url, server } = await node((method) => ANSWERS[method])
  context.after(() => server.close())
  const client = await connect(url)
  const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
  const transaction = await buildTransaction(client, new Uint8Array(32), { calls: [call] })
  const signed = { transaction, signatures: [{ key: new Uint8Array(32), signature: new Uint8Array(63) }] }
  await assert.rejects(submit(client, signed), { kind: 'encoding' })
})

test("a transaction's validity counts from the chain's time, not from this machine's clock", async (context) => {
  let status: unknown = ANSWERS['chain_status']
  const { url, server } = await node((method) => (method === 'chain_status' ? status : ANSWERS[method]))
  context.after(() => server.close())
  const client = await connect(url)
  const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
  const now = Date.now()
  // A clock that is slow, and one that is ahead.
  for (const clock of [0, now + 30 * 86_400_000]) {
    context.mock.method(Date, 'now', () => clock)
    const built = await buildTransaction(client, new Uint8Array(32), { calls: [call] })
    assert.equal(built.validUntilMs, 1_795_960_300_250)
    context.mock.restoreAll()
  }
  for (const chainTimeMs of [undefined, -1, 1.5, '1', 2 ** 53]) {
    status = { ...ANSWERS['chain_status'], chainTimeMs }
    await assert.rejects(buildTransaction(client, new Uint8Array(32), { calls: [call] }), { kind: 'protocol' })
  }
})

test('a refusal is thrown once, not repeated', async (context) => {
  let simulations = 0
  const error = { code: -32021, message: 'x', data: { code: 'MEMPOOL_FULL', message: 'full', hint: 'wait', retryable: true } }
  const { url, server } = await node((method) => {
    if (method !== 'tx_simulate') return ANSWERS[method]
    simulations++
    return (id: number) => JSON.stringify({ jsonrpc: '2.0', id, error })
  })
  context.after(() => server.close())
  const client = await connect(url)
  const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
  const draft = { calls: [call] }
  const refusal = { kind: 'refused', code: 'MEMPOOL_FULL', hint: 'wait', retryable: true }
  await assert.rejects(execute(client, await signerOfSeed(new Uint8Array(32)), draft), refusal)
  assert.equal(simulations, 1)
})

test('a sequence that others take again and again is tried until the timeout', async (context) => {
  let submissions = 0
  const refusal = (code: string) => ({ code: -32017, message: 'x', data: { code, message: 'm', hint: 'h', retryable: true } })
  const answers: Record<string, any> = { ...ANSWERS }
  // Another refusal ends it.
  answers['tx_submit'] = (id: number) => {
    const error = refusal(++submissions <= 15 ? 'SEQUENCE_PENDING' : 'MEMPOOL_FULL')
    return JSON.stringify({ jsonrpc: '2.0', id, error })
  }
  const { url, server } = await node((method) => answers[method])
  context.after(() => server.close())
  const client = await connect(url)
  const signer = await signerOfSeed(new Uint8Array(32))
  const draft = { calls: [await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })] }
  await assert.rejects(execute(client, signer, draft, 60_000), { kind: 'refused', code: 'MEMPOOL_FULL' })
  assert.equal(submissions, 16)
})

test('the outcome is unknown after the stop or failure of a node', async (context) => {
  for (const code of ['INTERNAL', 'TIMEOUT']) {
    const error = { code: -32067, message: 'x', data: { code, message: 'it stops', hint: 'h', retryable: false } }
    const { url, server } = await node((method) =>
      method === 'tx_submit' ? (id: number) => JSON.stringify({ jsonrpc: '2.0', id, error }) : ANSWERS[method])
    context.after(() => server.close())
    const client = await connect(url)
    const call = await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })
    const transaction = await buildTransaction(client, new Uint8Array(32), { calls: [call] })
    await assert.rejects(submit(client, { transaction, signatures: [] }), { kind: 'outcome-unknown' })
  }
})

test('a transaction that waits at a node that is not ready is sent to another one', async (context) => {
  const submitted: number[] = []
  const answers = (at: number, ready: boolean, fate: object) => (method: string) => {
    if (method === 'tx_submit') submitted.push(at)
    if (method === 'chain_status') return { ...ANSWERS['chain_status'], ready }
    return { ...ANSWERS, tx_submit: id, tx_wait: fate }[method]
  }
  const first = await node(answers(0, false, { status: 'pending', transaction: {} }))
  const unready = await node(answers(1, false, { status: 'pending', transaction: {} }))
  const ready = await node(answers(2, true, { status: 'expired', height: 9, timestampMs: 1 }))
  context.after(() => [first, unready, ready].forEach(({ server }) => server.close()))
  const client = await connect([first.url, unready.url, ready.url])
  const signer = await signerOfSeed(new Uint8Array(32))
  const draft = { calls: [await encodeCall(client, 'wallet', 'transfer', { to: OTHER, amount: 1n })] }
  const { outcome } = await execute(client, signer, draft)
  assert.deepEqual(outcome, { status: 'expired' })
  assert.deepEqual(submitted, [0, 2])
})

test('each change of the validators is found, and in the file', async (context) => {
  const [first, second, last] = chain.following
  const trust = trustGenesis(chain.genesis.text)
  // The headers at which the set changes are signed; of the others, only their validators matter.
  const signed = new Map([chain.next, first.answer, second.answer, last.answer].map((it: any) => [it.header.height, it]))
  const headerAt = (height: number) => {
    const of = height <= 700 ? first.answer : height <= 900 ? second.answer : last.answer
    return signed.get(height) ?? { ...of, header: { ...of.header, height } }
  }
  const { url, server } = await node((method, params) => method === 'chain_getHeader' ? headerAt(params.at) : ANSWERS[method])
  context.after(() => server.close())
  const client = await connect(url)
  for (const [height, changes] of [[8, []], [700, []], [900, [700]], [901, [700, 900]]] as const) {
    const text = await proveHeader(client, trust, height)
    assert.deepEqual(JSON.parse(text).changes.map((it: any) => it.header.header.height), changes)
    assert.equal((await verifyProofFile(trust, text)).header.height, height)
  }
  assert.deepEqual(JSON.parse(await proveHeader(client, trust, 901)), chain.files.changed)
  await assert.rejects(proveHeader(client, trust, 902), { kind: 'proof' }, 'nobody signed it')
})

test('no false value of a node comes into a proof file', async (context) => {
  let current: Record<string, any> = ANSWERS
  const { url, server } = await node((method) => current[method])
  context.after(() => server.close())
  const trust = trustGenesis(chain.genesis.text)
  const client = await connect(url, { patience: { pauseFirstMs: 1, pauseMaxMs: 1, silenceMs: 60_000 } })
  const truth = await proveReceipt(client, trust, id)
  for (const method of ['tx_getProof', 'chain_getHeader']) {
    for (const lie of lies(ANSWERS[method])) {
      current = { ...ANSWERS, [method]: lie }
      try {
        assert.deepEqual(JSON.parse(await proveReceipt(client, trust, id)), JSON.parse(truth))
      } catch (error) {
        assert.ok(error instanceof EhbError, `${method}: ${JSON.stringify(lie)}: ${(error as Error).stack}`)
      }
    }
  }
})
