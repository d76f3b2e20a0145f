/** Followers whose nodes are away for a while. Time is virtual, and each connection fails as its test says. */
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { type Client, followBlocks } from '@ehb/sdk'
import { vectors } from './vectors.js'

const { hash: genesisHash } = vectors('chain').genesis
const MINUTE_MS = 60_000
const SILENCE_MS = 15_000
const PAUSE_MAX_MS = 5_000
const STEP_MS = 50

/** How a connection behaves. */
type Line = 'refused' | 'half-open' | 'good' | 'other-chain'

/** A client whose connections behave as `line` says, one after the other at each node, and the times at which they began. */
function clientOf(line: (count: number) => Line, nodes = 1) {
  const begun: number[] = []
  class Fake extends EventTarget {
    readyState = 0
    isOther = false

    constructor() {
      super()
      const kind = line(begun.length)
      this.isOther = kind === 'other-chain'
      begun.push(Date.now())
      queueMicrotask(() => {
        if (kind === 'refused') this.dispatchEvent(new Event('error'))
        if (kind === 'good' || this.isOther) {
          this.readyState = 1
          this.dispatchEvent(new Event('open'))
        }
      })
    }

    send(text: string): void {
      const { id, method } = JSON.parse(text)
      const status = { chainId: 'x', network: 'test', genesisHash: this.isOther ? '00'.repeat(32) : genesisHash, height: 9 }
      this.receive({ id, result: method === 'chain_status' ? status : 'sub' })
      const result = { type: 'block', block: { header: { height: 8 } } }
      if (method !== 'chain_status') this.receive({ method: 'chain_blocks', params: { subscription: 'sub', result } })
    }

    receive(message: object): void {
      const data = JSON.stringify({ jsonrpc: '2.0', ...message })
      queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })))
    }

    close(): void {
      this.readyState = 3
    }
  }
  const client: Client = {
    chain: { id: 'x', network: 'test', genesisHash }, urls: Array<string>(nodes).fill('http://127.0.0.1:9'),
    patience: { silenceMs: SILENCE_MS, pauseFirstMs: 100, pauseMaxMs: PAUSE_MAX_MS, outageMs: 10 * MINUTE_MS },
    WebSocket: Fake as unknown as NonNullable<Client['WebSocket']>, current: 0, memory: new Map(),
  }
  return { client, begun }
}

/** Lets virtual time pass, and all that happens meanwhile, until `isDone`. */
async function pass(ms: number, isDone: () => boolean): Promise<void> {
  for (let passed = 0; passed < ms && !isDone(); passed += STEP_MS) {
    mock.timers.tick(STEP_MS)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The first notice, or the error, of a follower. */
async function followed(line: (count: number) => Line, ms: number, nodes?: number) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 })
  try {
    const { client, begun } = clientOf(line, nodes)
    let end: unknown
    const blocks = followBlocks(client, { fromHeight: 8 })
    blocks.next().then((it) => (end = it.value), (error) => (end = error))
    await pass(ms, () => end !== undefined)
    return { end: end as any, begun, now: Date.now() - 1_800_000_000_000 }
  } finally {
    mock.timers.reset()
  }
}

test('only silence makes a follower more patient, refused connections do not', async () => {
  const lines: Line[] = ['refused', 'refused', 'refused', 'refused', 'half-open', 'half-open', 'good']
  const { end, begun } = await followed((count) => lines[count] ?? 'good', 10 * MINUTE_MS)
  assert.equal(end?.block?.header.height, 8)
  const waited = begun.map((it, index) => (begun[index + 1] ?? it) - it)
  for (const [index, patience] of [[4, SILENCE_MS], [5, 2 * SILENCE_MS]] as const) {
    const took = waited[index]!
    assert.ok(took >= patience && took <= patience + PAUSE_MAX_MS + 2 * STEP_MS, `line ${index} took ${took} ms`)
  }
})

test('an outage of nine minutes is no error, and the follower continues', async () => {
  const until = 1_800_000_000_000 + 9 * MINUTE_MS
  const { end, now } = await followed(() => (Date.now() < until ? 'refused' : 'good'), 12 * MINUTE_MS)
  assert.equal(end?.block?.header.height, 8)
  assert.ok(now >= 9 * MINUTE_MS && now <= 9 * MINUTE_MS + 2 * PAUSE_MAX_MS, `${now} ms`)
})

test('nodes that are away for longer are an error', async () => {
  const { end, now } = await followed(() => 'refused', 12 * MINUTE_MS)
  assert.equal(end?.kind, 'unreachable')
  assert.ok(now >= 10 * MINUTE_MS, `${now} ms`)
})

test('a follower ends when all of its nodes are of another chain, and not before', async () => {
  const lines: Line[] = ['other-chain', 'refused', 'other-chain', 'other-chain']
  const { end, begun } = await followed((count) => lines[count] ?? 'good', 5 * MINUTE_MS, 2)
  assert.equal(end?.kind, 'protocol')
  assert.match(end.message, /is on the chain with genesis 0000/)
  assert.equal(begun.length, 4)
})
