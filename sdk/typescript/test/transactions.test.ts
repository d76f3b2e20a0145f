/** Transactions and receipts are encoded, signed and refused as Rust does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressFromText, cosignTransaction, decodeReceipt, decodeSigned, decodeTransaction, encodeSigned, encodeTransaction,
  fromHex, fromRpcBytes, keyOfSeed, receiptIdWithoutTransaction, signingBytes, signTransaction, toHex, type Transaction, transactionId, verifySigned,
} from '@ehb/sdk'
import { vectors } from './vectors.js'

const all = vectors('transactions')

function transactionOf(view: any): Transaction {
  return {
    version: view.version,
    chain: fromHex(view.chain),
    sender: addressFromText('test', view.sender),
    lane: view.lane,
    sequence: BigInt(view.sequence),
    validUntilMs: view.validUntilMs,
    gasLimit: BigInt(view.gasLimit),
    calls: view.calls.map((it: any) => ({
      module: it.module,
      function: it.function,
      arguments: fromRpcBytes(it.data),
    })),
    memo: view.memo,
  }
}

test('transactions are encoded and signed byte for byte', async () => {
  for (const it of all.transactions) {
    const transaction = transactionOf(it.view)
    assert.equal(toHex(encodeTransaction(transaction)), it.content)
    assert.equal(toHex(signingBytes(transaction)), it.signingBytes)
    assert.equal(transactionId(transaction), it.id)
    const keys = await Promise.all(it.seeds.map((seed: string) => keyOfSeed(fromHex(seed))))
    const signed = await signTransaction(transaction, keys)
    assert.equal(toHex(encodeSigned(signed)), it.signed)
    assert.deepEqual(decodeSigned(fromHex(it.signed)), signed)
    assert.deepEqual(decodeTransaction(fromHex(it.content)), transaction)
    assert.equal(await verifySigned(signed), true)
  }
})

test('a second signer adds a signature in its place', async () => {
  const first = decodeSigned(fromHex(all.cosigned.first))
  const both = await cosignTransaction(first, [await keyOfSeed(fromHex(all.cosigned.seed))])
  assert.equal(toHex(encodeSigned(both)), all.cosigned.both)
  assert.deepEqual(await cosignTransaction(both, [await keyOfSeed(fromHex(all.cosigned.seed))]), both)
})

test('a changed byte is another transaction or none', async () => {
  const good = fromHex(all.transactions[0].signed)
  for (let at = 0; at < good.length; at++) {
    const bytes = good.slice()
    bytes[at]! ^= 1
    let signed
    try {
      signed = decodeSigned(bytes)
    } catch (error) {
      assert.equal((error as any).kind, 'encoding')
      continue
    }
    assert.equal(await verifySigned(signed), false, `byte ${at}`)
  }
})

test('bytes that Rust refuses are refused', () => {
  assert.ok(all.refused.length > 20)
  for (const it of all.refused) assert.throws(() => decodeSigned(fromHex(it)), { kind: 'encoding' }, it)
  for (const it of all.receiptsRefused) assert.throws(() => decodeReceipt(fromHex(it)), { kind: 'encoding' }, it)
})

test('contents that no transaction can have are refused', () => {
  const good = transactionOf(all.transactions[0].view)
  const call = good.calls[0]!
  const cases: Partial<Transaction>[] = [
    { version: 2 },
    { calls: [] },
    { calls: Array(65).fill(call) },
    { memo: 'é'.repeat(129) },
    { memo: '\ud800' },
    { lane: -1 },
    { lane: 1.5 },
    { lane: 2 ** 32 },
    { sequence: -1n },
    { gasLimit: 2n ** 64n },
    { validUntilMs: 2 ** 53 },
    { chain: new Uint8Array(31) },
  ]
  for (const change of cases) assert.throws(() => encodeTransaction({ ...good, ...change }), { kind: 'encoding' })
})

test('receipts without a transaction have ids of their own', () => {
  assert.equal(all.withoutTransaction.length, 3)
  for (const { height, index, id } of all.withoutTransaction) {
    assert.equal(receiptIdWithoutTransaction(new Uint8Array(32).fill(0xc4), height, index), id)
  }
})

test('receipts are read byte for byte', () => {
  const text = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, it) => (it instanceof Uint8Array ? toHex(it) : typeof it === 'bigint' ? `${it}` : it)))
  for (const it of all.receipts) assert.deepEqual(text(decodeReceipt(fromHex(it.encoded))), it.receipt)
})
