/** Followers miss nothing, however the connection breaks. */
import assert from 'node:assert/strict'
import { connect as dial, createServer, type AddressInfo, type Socket as TcpSocket } from 'node:net'
import { test } from 'node:test'
import { connect, encodeCall, execute, expectFinal, followBlocks, followReceipts, getStatus } from '@ehb/sdk'
import { network, participant, Socket } from '../network.js'

test('blocks come one after the other, from any height on', async () => {
  const { client } = await participant()
  const heights: number[] = []
  for await (const notice of followBlocks(client, { fromHeight: 1, detail: 'ids' })) {
    assert.equal(notice.type, 'block')
    if (notice.type === 'block') {
      heights.push(notice.block.header.height)
      assert.ok(Array.isArray(notice.block.ids))
    }
    if (heights.length === 3) break
  }
  assert.deepEqual(heights, [1, 2, 3])
})

test('receipts of a sender come as they become final', async () => {
  const { client, signer, address, other } = await participant()
  const { height } = await getStatus(client)
  const calls = [await encodeCall(client, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1n })]
  const done = await execute(client, signer, { calls })
  const { height: at } = expectFinal(done)
  const from = { height: height + 1, index: 0 }
  for await (const notice of followReceipts(client, { filter: { sender: address }, from })) {
    assert.equal(notice.type, 'receipts')
    if (notice.type !== 'receipts' || notice.receipts.length === 0) continue
    const [located] = notice.receipts
    assert.equal(located?.receipt.transaction, done.id)
    assert.equal(located?.height, at)
    assert.equal(typeof located?.receipt.gasUsed, 'bigint')
    return
  }
  assert.fail('the receipt did not come')
})

/** A proxy that cuts the connection after each `bytes` bytes from the node. */
async function cutting(url: string, bytes: number) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<TcpSocket>()
  let cuts = 0
  const server = createServer((socket) => {
    const node = dial(Number(port), hostname)
    let passed = 0
    for (const it of [socket, node]) sockets.add(it.on('error', () => {}))
    const end = () => [socket, node].forEach((it) => it.destroy())
    socket.on('close', end).pipe(node)
    node.on('close', end).on('data', (data) => {
      passed += data.length
      if (passed <= bytes) return void socket.write(data)
      cuts++
      socket.write(data.subarray(0, data.length - (passed - bytes)), end)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    for (const it of sockets) it.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop, cuts: () => cuts }
}

test('a connection that is cut again and again loses no block and repeats none', async (context) => {
  const { urls } = await network()
  // More than the status and two blocks, less than all: each connection delivers something before it is cut.
  const line = await cutting(urls[0]!, 12_000)
  context.after(line.stop)
  const { signer, other } = await participant()
  const patience = { pauseFirstMs: 5, pauseMaxMs: 20 }
  const client = await connect(line.url, { WebSocket: Socket, patience })
  const direct = await connect(urls[0]!)
  const calls = [await encodeCall(direct, 'wallet', 'transfer', { to: other, asset: 'EUR', amount: 1n })]
  for (let count = 0; count < 12; count++) expectFinal(await execute(direct, signer, { calls, gasLimit: 200_000n }))
  const { height: last } = await getStatus(direct)
  const heights: number[] = []
  for await (const notice of followBlocks(client, { fromHeight: 1 })) {
    if (notice.type === 'block') heights.push(notice.block.header.height)
    if (heights.length >= last) break
  }
  assert.deepEqual(heights, Array.from({ length: last }, (_, index) => index + 1))
  assert.ok(line.cuts() > 1, `${line.cuts()} cuts`)
})

test('an aborted follower ends, whether it waits or not', async () => {
  const { client } = await participant()
  const abort = new AbortController()
  const blocks = followBlocks(client, { fromHeight: (await getStatus(client)).height + 5_000, signal: abort.signal })
  const waiting = blocks.next()
  setTimeout(() => abort.abort(), 100)
  assert.equal((await waiting).done, true)
  assert.equal((await followBlocks(client, { signal: AbortSignal.abort() }).next()).done, true)
})

test('a node that cannot be reached is an error in the end', async () => {
  const { client: reachable } = await participant()
  const patience = { pauseFirstMs: 1, pauseMaxMs: 2, silenceMs: 1000, outageMs: 20 }
  const client = { ...reachable, urls: ['http://127.0.0.1:9'], current: 0, patience: { ...reachable.patience, ...patience } }
  await assert.rejects(followBlocks(client).next(), { kind: 'unreachable' })
  const without = { ...reachable, WebSocket: undefined }
  await assert.rejects(followBlocks(without).next(), { kind: 'protocol' })
})
