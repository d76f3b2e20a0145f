/** Clients generated from the running network's modules compile, and pay. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'node:test'
import { call, execute, expectFinal, fromRpcBytes } from '@ehb/sdk'
import { compile } from '../compile.js'
import { participant } from '../network.js'
import { PACKAGE } from '../vectors.js'

test('every module of the network has a typed client, and the wallet pays with its own', async () => {
  const { client, signer, address, other } = await participant()
  const modules = await call<{ name: string }[]>(client, 'module_list')
  const program = fileURLToPath(new URL('bin/ehb-codegen.js', PACKAGE))
  const sources: Record<string, string> = {}
  for (const { name } of modules) {
    const args = [program, '--node', client.urls[0]!, '--module', name]
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 << 20 })
    sources[`${name}.ts`] = stdout
  }
  const folder = await compile('modules', sources)
  const wallet = await import(new URL('wallet.js', folder).href)
  const { network } = client.chain
  const before = await wallet.getBalance.read(client, { account: other, asset: 'EUR' })
  const pay = wallet.transfer.call(network, { to: other, asset: 'EUR', amount: 3n })
  const { receipt } = expectFinal(await execute(client, signer, { calls: [pay] }))
  const after = await wallet.getBalance.read(client, { account: other, asset: 'EUR' })
  assert.equal(after.value.available, before.value.available + 3n)
  const { transferred } = wallet.decodeEvent(network, fromRpcBytes(receipt.events[0]!.data))
  assert.deepEqual([transferred.from, transferred.to, transferred.amount], [address, other, 3n])
})

test('a client is generated for a module as it was at a height', async () => {
  const { client } = await participant()
  const program = fileURLToPath(new URL('bin/ehb-codegen.js', PACKAGE))
  const generate = (...more: string[]) =>
    promisify(execFile)(process.execPath, [program, '--node', client.urls[0]!, '--module', 'wallet', ...more], { maxBuffer: 64 << 20 })
  const { hash } = await call<{ hash: string }>(client, 'chain_getHeader', { at: 1 })
  const { stdout } = await generate()
  // The module has not changed since genesis.
  for (const at of ['0', hash]) assert.equal((await generate('--at', at)).stdout, stdout)
  for (const [at, problem] of [['9007199254740991', 'block'], ['ab'.repeat(32), ''], ['-1', '--at'], ['x', '--at takes']]) {
    await assert.rejects(generate(`--at=${at}`), (error: { code: number; stderr: string }) => error.code === 2 && error.stderr.includes(problem!))
  }
})
