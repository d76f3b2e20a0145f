/** Headers, certificates and proofs: those of Rust are accepted, and none with a changed byte. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  advance, certificateHash, encodeCertificate, encodeHeader, fromHex, headerHash, headerOf, moduleKey, precommitBytes,
  signedMessage, toHex, trustValidators, validatorSet, validatorsHash, verifyEntry, verifyHeader, verifyReceipt,
  genesisHash, trustGenesis,
} from '@ehb/sdk'
import { assetKey, balanceKey, readStored, verifyProofFile } from '@ehb/sdk/proofs'
import { vectors } from './vectors.js'

const all = vectors('chain')
const trust = trustValidators(all.genesis.hash, all.validators)

/** All values that differ from this one in one place: a character, a number, an element, a member. */
function* mutations(value: any): Generator<any> {
  if (value === null) {
    yield* [0, '0x00', {}]
  } else if (typeof value === 'number') {
    yield* [value + 1, value - 1, value ^ 2, Number.MAX_SAFE_INTEGER, -1, 1.5, String(value), null]
  } else if (typeof value === 'string') {
    yield* [`${value}0`, `${value}00`, '', value.toUpperCase(), null, 7].filter((it) => it !== value)
    for (let at = 0; at < value.length; at++) {
      yield value.slice(0, at) + (value[at] === '1' ? '2' : '1') + value.slice(at + 1)
    }
  } else if (Array.isArray(value)) {
    yield [...value, '00'.repeat(32)]
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1)
      yield value.toSpliced(index, 0, item)
      if (index > 0 && value[index - 1] !== item) yield value.with(index, value[index - 1]).with(index - 1, item)
      for (const other of mutations(item)) yield value.with(index, other)
    }
  } else {
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _, ...fewer } = value
      yield fewer
      for (const other of mutations(member)) yield { ...value, [name]: other }
    }
  }
}

/** Asserts that a value is accepted as it is, and that each mutation is refused with a `ProofError`. */
async function check(what: string, good: any, verify: (it: any) => Promise<unknown>): Promise<void> {
  await verify(good)
  let count = 0
  for (const mutation of mutations(good)) {
    count++
    await assert.rejects(verify(mutation), { kind: 'proof' }, `${what}: ${JSON.stringify(mutation)} is accepted`)
  }
  assert.ok(count > 100, `${what}: ${count}`)
}

test('headers, sets and certificates are encoded byte for byte', () => {
  const header = headerOf(all.next.header)
  assert.equal(toHex(encodeHeader(header)), all.header)
  assert.equal(toHex(headerHash(header)), all.next.hash)
  assert.equal(toHex(validatorsHash(validatorSet(all.validators))), all.validatorsHash)
  const { certificate } = all.next
  const decoded = {
    ...certificate,
    block: fromHex(certificate.block),
    signatures: certificate.signatures.map((it: any) => ({ ...it, signature: fromHex(it.signature) })),
  }
  assert.equal(toHex(encodeCertificate(decoded)), all.certificate.encoded)
  assert.equal(toHex(certificateHash(decoded)), all.certificate.hash)
  const chain = fromHex(all.precommit.chain)
  assert.deepEqual(precommitBytes(chain, decoded), signedMessage('vote', chain, fromHex(all.precommit.payload)))
})

test('no changed header is accepted', async () => {
  await check('header', all.next, (it) => verifyHeader(trust, it))
})

test('no changed receipt proof is accepted', async () => {
  assert.equal(all.receipts.length, 5)
  for (const { id, answer } of all.receipts) {
    assert.equal((await verifyReceipt(trust, id, answer, all.next)).transaction, id)
  }
  for (const { id, answer } of [all.receipts[1], all.receipts[4]]) {
    await check('receipt', answer, (it) => verifyReceipt(trust, id, it, all.next))
  }
})

test('no changed proof of an entry or its absence is accepted', async () => {
  for (const { module, key, answer } of all.entries) {
    const value = await verifyEntry(trust, moduleKey(module, fromHex(key)), answer, all.next)
    assert.equal(value === null ? null : `0x${toHex(value)}`, answer.value)
  }
  const is = (value: boolean, other: boolean) =>
    all.entries.find((it: any) => (it.answer.value !== null) === value && (it.answer.proof.other !== null) === other)
  for (const { module, key, answer } of [is(true, false), is(false, true), is(false, false)]) {
    const full = moduleKey(module, fromHex(key))
    await check('entry', answer, (it) => verifyEntry(trust, full, it, all.next))
  }
})

test('a proof is bound to its transaction, key and header', async () => {
  const [first, second] = all.receipts
  await assert.rejects(verifyReceipt(trust, second.id, first.answer, all.next), { kind: 'proof' })
  const [entry, other] = all.entries
  const key = moduleKey(other.module, fromHex(other.key))
  await assert.rejects(verifyEntry(trust, key, entry.answer, all.next), { kind: 'proof' })
  await assert.rejects(verifyReceipt(trust, first.id, first.answer, all.following[0].answer), { kind: 'proof' })
  const elsewhere = { ...trust, chain: new Uint8Array(32) }
  await assert.rejects(verifyHeader(elsewhere, all.next), { kind: 'proof' })
})

test('validators are followed by headers alone', async () => {
  const [first, second, last] = all.following
  await assert.rejects(verifyHeader(trust, second.answer), { kind: 'proof' }, 'a set that is not trusted yet')
  await assert.rejects(advance(trust, first.answer, second.next), { kind: 'proof' }, 'not the set that the header names')
  const { trust: then } = await advance(trust, first.answer, first.next)
  await assert.rejects(verifyHeader(then, all.next), { kind: 'proof' }, 'the old set decides no more')
  const { trust: latest } = await advance(then, second.answer, second.next)
  assert.equal((await verifyHeader(latest, last.answer)).height, last.answer.header.height)
})

test('no changed proof file is accepted', async () => {
  const { content, changed } = all.files
  const verify = (file: unknown) => verifyProofFile(trust, JSON.stringify(file))
  const accepts = (file: unknown) => verify(file).then(() => true, () => false)
  const present = new Set(Array.from({ length: 60 }, (_, index) => `0x${toHex(moduleKey('wallet', new Uint8Array(4).fill(index)))}`))
  const proven = await verify(content)
  assert.equal(toHex(headerHash(proven.header)), all.next.hash)
  assert.deepEqual(proven.entries.map((it) => it.value?.length), [0, 17, undefined, undefined])
  assert.deepEqual(proven.receipts.map((it) => [it.index, it.receipt.transaction]), [1, 4].map((it) => [it, all.receipts[it].id]))
  assert.equal((await verify(changed)).header.height, 901)
  // Each part alone, so that no part is checked by another one only.
  for (const [file, part] of [
    [content, 'format'], [content, 'genesisHash'], [content, 'header'], [content, 'entries'], [content, 'receipts'],
    [changed, 'changes'], [changed, 'header'],
  ]) {
    for (const mutation of mutations(file[part])) {
      const other = { ...file, [part]: mutation }
      // One item fewer, or one twice, is a proof of what is left.
      const items = part === 'entries' || part === 'receipts' ? mutation : null
      if (Array.isArray(items) && items.every((it: any) => file[part].some((good: any) => JSON.stringify(good) === JSON.stringify(it)))) continue
      // The place where a key would be is also that of other keys, which are absent as well: their absence is proven then.
      const moved = items?.length === file.entries.length ? items.findIndex((it: any, index: number) =>
        it?.value === null && JSON.stringify({ ...it, key: 0 }) === JSON.stringify({ ...file.entries[index], key: 0 })) : -1
      if (moved >= 0 && (await accepts(other))) {
        assert.equal(`0x${toHex((await verify(other)).entries[moved]!.key)}`, items[moved].key)
        assert.ok(!present.has(items[moved].key))
        continue
      }
      await assert.rejects(verify(other), { kind: 'proof' }, `${part}: ${JSON.stringify(mutation)} is accepted`)
    }
  }
})

test('a proof file has all members and no other, and its changes are the needed ones in their order', async () => {
  const { content, changed } = all.files
  const [first, second] = changed.changes
  const { header: _, ...headless } = content
  for (const file of [
    null, 7, 'x', [], {}, { ...content, more: 1 }, headless, { ...content, header: { ...content.header, more: null } },
    { ...content, entries: [{ ...content.entries[0], more: 1 }] }, { ...content, receipts: {} }, { ...content, changes: '' },
    { ...changed, changes: [] }, { ...changed, changes: [second, first] }, { ...changed, changes: [first] },
    { ...changed, changes: [first, first, second] }, { ...changed, header: first.header },
    { ...changed, changes: [first, { ...second, next: second.next.toReversed() }] },
    { ...content, changes: [{ header: all.next, next: all.validators }] },
    { ...content, entries: Array(257).fill(content.entries[0]) },
  ]) {
    await assert.rejects(verifyProofFile(trust, JSON.stringify(file)), { kind: 'proof' }, JSON.stringify(file).slice(0, 200))
  }
  for (const text of ['', '{', JSON.stringify(content).slice(1)]) await assert.rejects(verifyProofFile(trust, text), { kind: 'proof' })
  const elsewhere = { ...trust, chain: new Uint8Array(32) }
  await assert.rejects(verifyProofFile(elsewhere, JSON.stringify(content)), { kind: 'proof' })
})

test('entries of the wallet are balances and assets', () => {
  for (const { key, value, meaning } of all.stored) {
    const read = readStored(fromHex(key), value === null ? null : fromHex(value))
    const shown = read?.kind === 'balance'
      ? { ...read, account: toHex(read.account), available: String(read.available), held: String(read.held) }
      : read
    assert.deepEqual(shown, meaning, `${key} ${value}`)
  }
  assert.equal(toHex(balanceKey(new Uint8Array(32).fill(7), 'EUR')), all.stored[0].key)
  assert.equal(toHex(assetKey('EUR')), all.stored.find((it: any) => it.meaning?.kind === 'asset').key)
})

test('the genesis hash is over the content of the file, to the last digit', async () => {
  const { text, hash } = all.genesis
  assert.equal(toHex(genesisHash(text)), hash)
  assert.deepEqual(trustGenesis(text), trust)
  // Neither layout nor the order of keys matter; every character of the content does.
  assert.equal(toHex(genesisHash(JSON.stringify(JSON.parse(text)))), hash)
  const reversed = (value: any): any =>
    Array.isArray(value) ? value.map(reversed)
    : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reversed(v)]))
    : value
  assert.equal(toHex(genesisHash(JSON.stringify(reversed(JSON.parse(text))))), hash)
  for (const other of [text.replace('ehb-test', 'ehb-tesu'), text.replace(/"power": \d+/, '"power": 99'), text.replace('acme', 'acm3')]) {
    assert.notEqual(other, text)
    assert.notEqual(toHex(genesisHash(other)), hash)
  }
  assert.notDeepEqual(genesisHash('9007199254740993'), genesisHash('9007199254740992'))
})

test('anything but a genesis is refused', () => {
  const { text } = all.genesis
  const cases = [
    '', '{', '{}', 'null', `${text}x`, '{"a":1,"a":1}', '{"a":1.5}', '{"a":1e3}', '{"a":01}', '[1,]', '{"a"}', '"\\x"',
    '['.repeat(200) + ']'.repeat(200), '{"validators":[]}', '{"validators":[null]}', '{"validators":[{"power":1.0}]}',
  ]
  for (const it of cases) assert.throws(() => trustGenesis(it), { kind: 'proof' }, it)
})
