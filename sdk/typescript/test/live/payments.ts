/** From a key to a payment that is proven final. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressFromText, addressOfModule, addressToText, call, encodeCall, execute, expectFinal, getAccount, getModule, getNextSequence,
  getParameters, getProvenEntry, getProvenReceipt, getStatus, lanesOf, read, RefusedError, simulate, trustGenesis,
  trustValidators, buildTransaction,
} from '@ehb/sdk'
import { assetKey, balanceKey, proveEntries, proveHeader, proveReceipt, readStored, verifyProofFile } from '@ehb/sdk/proofs'
import { network, participant } from '../network.js'

const balanceOf = async (client: any, account: string): Promise<bigint> => {
  const { value } = await read(client, 'wallet', 'get-balance', { account, asset: 'EUR' })
  return (value as { available: bigint }).available
}

test('a payment is built, signed, submitted, final and proven', async () => {
  const { client, signer, address, other } = await participant()
  const [mine, theirs] = [await balanceOf(client, address), await balanceOf(client, other)]
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1250n })
  const done = await execute(client, signer, { calls: [transfer], memo: 'first payment' })
  const final = expectFinal(done)
  assert.equal(final.sender, address)
  assert.equal(await balanceOf(client, address), mine - 1250n)
  assert.equal(await balanceOf(client, other), theirs + 1250n)
  const before = { at: final.height - 1 }
  const { value } = await read(client, 'wallet', 'get-balance', { account: other, asset: 'EUR' }, before)
  assert.equal((value as { available: bigint }).available, theirs)

  const trust = trustValidators(client.chain.genesisHash, (await network()).validators)
  const receipt = await getProvenReceipt(client, trust, done.id)
  assert.equal(receipt.outcome.status, 'success')
  assert.equal(receipt.gasUsed, final.receipt.gasUsed)
  assert.equal(await getProvenEntry(client, trust, 'wallet', new Uint8Array(3)), null)
  assert.equal(await getProvenEntry(client, trust, 'wallet', new Uint8Array(3), { at: final.height - 1 }), null)
})

test('receipt, balance and header are proven in files', async () => {
  const { client, signer, address, other } = await participant()
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1250n })
  const { id } = await execute(client, signer, { calls: [transfer] })
  const trust = trustGenesis((await network()).genesisText)
  const { receipts: [found] } = await verifyProofFile(trust, await proveReceipt(client, trust, id))
  assert.equal(found!.receipt.transaction, id)
  assert.equal(found!.receipt.outcome.status, 'success')

  // What the entries mean is what the module answers.
  const account = addressFromText('test', address)
  const proof = await proveEntries(client, trust, [balanceKey(account, 'EUR'), assetKey('EUR'), balanceKey(account, 'NONE')])
  const { header, entries } = await verifyProofFile(trust, proof)
  const [balance, asset, none] = entries.map((it) => readStored(it.key, it.value))
  const { value } = await read(client, 'wallet', 'get-balance', { account: address, asset: 'EUR' }, { at: header.height - 1 })
  assert.deepEqual(balance, { kind: 'balance', account, asset: 'EUR', available: (value as any).available, held: (value as any).held })
  assert.deepEqual(asset, { kind: 'asset', asset: 'EUR', decimals: 2 })
  assert.deepEqual(none, { kind: 'balance', account, asset: 'NONE', available: 0n, held: 0n })

  const proven = await verifyProofFile(trust, await proveHeader(client, trust, 1))
  assert.deepEqual([proven.header.height, proven.entries, proven.receipts], [1, [], []])
  await assert.rejects(proveHeader(client, trust, 0), { kind: 'proof' })
  await assert.rejects(proveReceipt(client, trust, 'ab'.repeat(32)), { code: 'NOT_FOUND' })
  await assert.rejects(proveEntries(client, trust, []), { kind: 'proof' })
})

test('a proof is not accepted under other validators', async () => {
  const { client, signer, other } = await participant()
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1n })
  const { id } = await execute(client, signer, { calls: [transfer] })
  const three = (await network()).validators.slice(1)
  const trust = trustValidators(client.chain.genesisHash, three)
  await assert.rejects(getProvenReceipt(client, trust, id), { kind: 'proof' })
})

test('a failure is an outcome with its typed error, found before it costs anything', async () => {
  const { client, signer, other } = await participant()
  const tooMuch = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 10n ** 18n })
  await assert.rejects(execute(client, signer, { calls: [tooMuch] }), (error: RefusedError) => {
    assert.equal(error.kind, 'refused')
    assert.equal(error.code, 'MODULE_ERROR')
    assert.equal(error.moduleError?.module, 'wallet')
    return true
  })
  const done = await execute(client, signer, { calls: [tooMuch], gasLimit: 1_000_000n })
  assert.equal(done.outcome.status, 'failed')
  assert.throws(() => expectFinal(done), { kind: 'failed', code: 'MODULE_ERROR' })
})

test('wrong arguments, functions and modules are refused with their code', async () => {
  const { client, other } = await participant()
  const args = { to: other, asset: 'EUR', amount: -1n }
  await assert.rejects(encodeCall(client, 'wallet', 'transfer', args), { code: 'BAD_ARGUMENTS', path: 'amount' })
  await assert.rejects(encodeCall(client, 'wallet', 'no-such', {}), { code: 'UNKNOWN_FUNCTION' })
  await assert.rejects(read(client, 'nothing', 'x'), { code: 'UNKNOWN_MODULE' })
  await assert.rejects(call(client, 'chain_noSuch'), { kind: 'refused', code: 'INVALID_REQUEST' })
  await assert.rejects(getAccount(client, 'alice'), { code: 'INVALID_REQUEST' })
})

test('accounts, status, parameters and modules are read', async () => {
  const { client, signer, address, other } = await participant()
  assert.equal((await getAccount(client, address))?.status, 'active')
  assert.equal(await getAccount(client, addressToText('test', new Uint8Array(32))), null)
  // A state that is not there is an error, not an account that is not there.
  for (const at of [2 ** 53 - 1, 'ab'.repeat(32), { timestampMs: 0 }]) {
    await assert.rejects(getAccount(client, address, at), { code: 'NOT_FOUND' }, JSON.stringify(at))
  }
  assert.ok((await getStatus(client)).height >= 0)
  assert.ok((await getParameters(client)).parameters['gas'])
  const wallet = await getModule(client, 'wallet')
  assert.equal(wallet.address, addressToText('test', addressOfModule('wallet')))
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1n })
  const transaction = await buildTransaction(client, signer.address, { calls: [transfer] })
  assert.equal((await simulate(client, transaction)).outcome.status, 'success')
  assert.equal(transaction.sequence, await getNextSequence(client, address))
})

test('an idempotency key makes two equal drafts one payment', async () => {
  const { client, signer, address, other } = await participant()
  const before = await balanceOf(client, other)
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 7n })
  const validUntilMs = Date.now() + 60_000
  const sequence = await getNextSequence(client, address)
  const draft = { calls: [transfer], idempotencyKey: 'order-1', validUntilMs, gasLimit: 200_000n, sequence }
  const [first, second] = await Promise.all([execute(client, signer, draft), execute(client, signer, draft)])
  assert.equal(first.id, second.id)
  assert.deepEqual([first.outcome.status, second.outcome.status], ['final', 'final'])
  assert.equal(await balanceOf(client, other), before + 7n)
})

test('payments on several lanes are sent side by side', async () => {
  const { client, signer, other } = await participant()
  const transfer = await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1n })
  const before = await balanceOf(client, other)
  const lanes = lanesOf(3)
  const all = Array.from({ length: 9 }, () =>
    lanes.use((lane) => execute(client, signer, { calls: [transfer], lane, gasLimit: 200_000n })),
  )
  for (const done of await Promise.all(all)) expectFinal(done)
  assert.equal(await balanceOf(client, other), before + 9n)
})
