/** The fate of a transaction is certain, or reported as unknown: never guessed. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import {
  connect, encodeCall, execute, expectFinal, getFate, send, settle, signNext, submit, submitBatch, transactionId, waitFor,
} from '@ehb/sdk'
import { network, participant } from '../network.js'

/** A proxy that passes requests on, and answers to some of them with a broken connection. */
async function proxy(url: string, breaks: (method: string) => 'before' | 'after' | undefined): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    const broken = breaks(JSON.parse(body.toString()).method)
    if (broken === 'before') return void response.destroy()
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await answer.text()
    if (broken === 'after') return void response.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const payment = (client: any, to: string) => encodeCall(client, 'wallet', 'transfer', { to, asset: 'EUR', amount: 1n })

test('a broken answer leaves the outcome unknown, and settling finds it', async (context) => {
  const { urls } = await network()
  let cuts = 0
  const cut = await proxy(urls[0]!, (method) => (method === 'tx_submit' && cuts++ === 0 ? 'after' : undefined))
  context.after(() => cut.server.close())
  const { signer, other } = await participant()
  const client = await connect(cut.url)
  const signed = await signNext(client, signer, { calls: [await payment(client, other)] })
  await assert.rejects(submit(client, signed), { kind: 'outcome-unknown', retryable: false, code: 'TIMEOUT' })
  assert.equal((await settle(client, signed)).status, 'final')
  assert.equal((await getFate(client, transactionId(signed.transaction), signed)).status, 'final')
})

test('a transaction that never arrived is submitted again, the same bytes, and acts once', async (context) => {
  const { urls } = await network()
  let cuts = 0
  const cut = await proxy(urls[0]!, (method) => (method === 'tx_submit' && cuts++ < 2 ? 'before' : undefined))
  context.after(() => cut.server.close())
  const { signer, other } = await participant()
  const client = await connect(cut.url)
  const done = await execute(client, signer, { calls: [await payment(client, other)] })
  expectFinal(done)
  assert.equal(cuts, 3)
})

test('an outcome that stays unknown is a result of its own', async (context) => {
  const { urls } = await network()
  const cut = await proxy(urls[0]!, (method) => (method.startsWith('tx_submit') || method === 'tx_wait' ? 'before' : undefined))
  context.after(() => cut.server.close())
  const { client: direct, signer, other } = await participant()
  const client = await connect(cut.url)
  const signed = await signNext(direct, signer, { calls: [await payment(direct, other)] })
  const outcome = await send(client, signed, 300)
  assert.equal(outcome.status, 'unknown')
  const id = transactionId(signed.transaction)
  assert.throws(() => expectFinal({ id, outcome }), { kind: 'outcome-unknown', retryable: false })
})

test('a node that was never reached changed nothing', async () => {
  const { client, signer, other } = await participant()
  const signed = await signNext(client, signer, { calls: [await payment(client, other)] })
  // A port that was free a moment ago.
  const gone = await proxy(client.urls[0]!, () => undefined)
  const away = await connect(gone.url)
  await new Promise((resolve) => gone.server.close(resolve))
  gone.server.closeAllConnections()
  await assert.rejects(send(away, signed, 1000), { kind: 'unreachable', neverSent: true })
})

test('of two transactions with one sequence one is final, the other superseded', async () => {
  const { client, signer, other } = await participant()
  const calls = [await payment(client, other)]
  const first = await signNext(client, signer, { calls })
  const { sequence } = first.transaction
  const second = await signNext(client, signer, { calls, sequence, gasLimit: 200_000n })
  assert.equal((await send(client, first)).status, 'final')
  const outcome = await settle(client, second)
  assert.ok(outcome.status === 'superseded')
  // A node knows which one it was as long as its mempool remembers the other one.
  assert.ok(outcome.by === null || outcome.by === transactionId(first.transaction))
  await assert.rejects(send(client, second), { code: 'SEQUENCE_USED' })
  assert.throws(() => expectFinal({ id: transactionId(second.transaction), outcome }), { kind: 'superseded', retryable: true })
  // The lane continues.
  expectFinal(await execute(client, signer, { calls }))
})

test('an expired transaction can never act, and every node says so', async () => {
  const { client, signer, other } = await participant()
  const calls = [await payment(client, other)]
  // The head moves past the end of validity with another account's payment.
  const signed = await signNext(client, signer, { calls, validUntilMs: 1_600_000_000_000, gasLimit: 200_000n })
  assert.deepEqual(await settle(client, signed), { status: 'expired' })
  const { urls } = await network()
  for (const url of urls) {
    const fate = await getFate(await connect(url), transactionId(signed.transaction), signed)
    assert.equal(fate.status, 'expired')
  }
})

test('a payment after one that expired becomes final', async () => {
  const { client, signer, other } = await participant()
  const calls = [await payment(client, other)]
  const expired = await signNext(client, signer, { calls, validUntilMs: 1_600_000_000_000, gasLimit: 200_000n })
  const { sequence } = expired.transaction
  const [waiting, ...more] = await Promise.all([1, 2, 3].map(() => signNext(client, signer, { calls, gasLimit: 200_000n })))
  const id = await submit(client, waiting!)
  const { urls } = await network()
  const unaware = await connect(urls[0]!)
  await submit(unaware, waiting!)
  const fate = await getFate(unaware, id)
  assert.ok(fate.status === 'pending' && fate.missingSequence === sequence)
  // It is not certain for a client that does not know what had the sequence, or has no keys.
  for (const outcome of await Promise.all([settle(unaware, waiting!, 700, signer), settle(client, waiting!, 700)])) {
    assert.ok(outcome.status === 'unknown' && outcome.reason.includes(`waits for sequence ${sequence} `), JSON.stringify(outcome))
  }
  const outcomes = await Promise.all([waiting!, ...more].map((it) => settle(client, it, undefined, signer)))
  assert.deepEqual(outcomes.map((it) => it.status), ['final', 'final', 'final'])
  assert.equal((await settle(client, expired)).status, 'superseded')
  expectFinal(await execute(client, signer, { calls }))
})

test('a payment after one that was refused becomes final', async () => {
  const { client, signer, other } = await participant()
  const calls = [await payment(client, other)]
  expectFinal(await execute(client, signer, { calls }))
  const second = await signNext(client, signer, { calls, sequence: 2n, gasLimit: 200_000n })
  const settled = settle(client, second, undefined, signer)
  await assert.rejects(execute(client, signer, { calls, sequence: 1n, gasLimit: 1n }), { kind: 'refused', code: 'OUT_OF_GAS' })
  assert.equal((await settled).status, 'final')
})

test('a transaction that no node knows is unknown, after the timeout', async () => {
  const { client } = await participant()
  const outcome = await waitFor(client, '00'.repeat(32), 200)
  assert.equal(outcome.status, 'unknown')
})

test('a batch answers for each transaction', async () => {
  const { client, signer, other } = await participant()
  const calls = [await payment(client, other)]
  const good = await signNext(client, signer, { calls })
  const gap = await signNext(client, signer, { calls, sequence: 1_000_000n, gasLimit: 200_000n })
  const [first, second] = await submitBatch(client, [good, gap])
  assert.deepEqual(first, { id: transactionId(good.transaction) })
  assert.equal((second as any).error.code, 'SEQUENCE_GAP')
  assert.equal((await waitFor(client, transactionId(good.transaction))).status, 'final')
})

test('a client continues at the next node of the same chain', async (context) => {
  const { urls } = await network()
  let isDown = false
  const first = await proxy(urls[0]!, () => (isDown ? 'before' : undefined))
  context.after(() => first.server.close())
  const { signer, other } = await participant()
  const client = await connect([first.url, urls[1]!])
  const calls = [await payment(client, other)]
  isDown = true
  expectFinal(await execute(client, signer, { calls }))
  assert.equal(client.current, 1)
})

test('a node of another chain is not used', async () => {
  const { urls } = await network()
  await assert.rejects(connect(urls[0]!, { genesisHash: '00'.repeat(32) }), { kind: 'protocol' })
})
