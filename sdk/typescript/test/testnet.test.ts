/** A network for a test suite starts with money, and leaves nothing when it stops or when its process ends. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { connect, encodeCall, execute, expectFinal, fromHex, getProvenReceipt, getStatus, signerOfSeed, trustGenesis } from '@ehb/sdk'
import { startTestnet } from '@ehb/sdk/testnet'
import { PACKAGE } from './vectors.js'

const target = process.env['CARGO_TARGET_DIR'] ?? fileURLToPath(new URL('../../target', PACKAGE))
const program = join(target, 'release', 'ehb-testnet')

test('a network starts with money, and leaves nothing when it is stopped', async () => {
  const net = await startTestnet({ accounts: 2, program })
  const [payer, payee] = net.accounts
  const client = await connect(net.urls)
  const pay = await encodeCall(client, 'wallet', 'transfer', { to: payee!.address, asset: 'EUR', amount: 1_000_000_000n })
  const done = await execute(client, await signerOfSeed(fromHex(payer!.seed)), { calls: [pay] })
  expectFinal(done)
  assert.equal((await getProvenReceipt(client, trustGenesis(net.genesisText), done.id)).transaction, done.id)
  assert.deepEqual([net.urls.length, net.accounts.length], [1, 2])
  await net.stop()
  assert.ok(!existsSync(net.dir))
  await assert.rejects(getStatus(client), { kind: 'unreachable' })
})

test('a process that ends without stopping its network leaves none', async () => {
  const code = `
    import { startTestnet } from '@ehb/sdk/testnet'
    const net = await startTestnet({ accounts: 2, program: ${JSON.stringify(program)} })
    console.log(JSON.stringify([net.dir, net.urls]))
    throw new Error('a test failed')`
  const ran = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd: fileURLToPath(PACKAGE) })
  const { stdout } = await ran.then(() => assert.fail('it ended well'), (error) => error)
  const [dir, urls] = JSON.parse(stdout)
  assert.ok(!existsSync(dir))
  await assert.rejects(connect(urls), { kind: 'unreachable' })
})

test('a network that does not start has a reason, and leaves nothing', async (context) => {
  const bin = mkdtempSync(join(tmpdir(), 'ehb-bin-'))
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = bin
  context.after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    rmSync(bin, { recursive: true })
  })
  await assert.rejects(startTestnet({ program: '/nowhere/ehb-testnet' }), { name: 'TestnetError', message: /cargo build --release --bins/ })
  await assert.rejects(startTestnet({ program, validators: 0 }), { name: 'TestnetError', message: /validators/ })
  const liar = join(bin, 'ehb-testnet')
  writeFileSync(liar, '#!/bin/sh\necho no manifest\n')
  chmodSync(liar, 0o700)
  await assert.rejects(startTestnet({ program: liar }), { name: 'TestnetError' })
  assert.deepEqual(readdirSync(bin), ['ehb-testnet'])
})
