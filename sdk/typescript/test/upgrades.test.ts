/** Reads before, across and after an upgrade of a module. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type At, connect, defineFunction, ProtocolError, read, RefusedError, type Type } from '@ehb/sdk'

const HASH = 'ab'.repeat(32)
/** The first height with the new version. */
const UPGRADED = 5

const tally = (fields: { name: string; type: Type }[]): Type => ({ record: fields })
const total = { name: 'total', type: 'u64' as const }
const extra = { name: 'extra', type: 'string' as const }
const functionOf = (name: string, result: Type) => ({ name, interface: 'x', parameters: [], result, docs: '' })

/** The new version returns one field more, and has lost `old-total`. */
const interfaceAt = (height: number) => ({
  event: null,
  functions: height < UPGRADED
    ? [functionOf('old-total', 'u64'), functionOf('tally', tally([total]))]
    : [functionOf('tally', tally([total, extra]))],
})

/** A node whose head is `head()`. */
async function node(context: TestContext, head: () => number): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const { id, method, params } = JSON.parse(text)
    const height: number = typeof params?.at === 'number' ? params.at : head()
    const value = params?.function === 'old-total' ? '7' : { total: '7', ...(height >= UPGRADED && { extra: 'more' }) }
    const results: Record<string, unknown> = {
      chain_status: { chainId: 'x', network: 'test', genesisHash: HASH, height: head(), head: HASH, timestampMs: 1 },
      module_describe: { name: 'm', address: 'x', codeHash: HASH, wit: '', interface: interfaceAt(height) },
      module_call: { height, value, gasUsed: '5' },
    }
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a client that was connected before an upgrade reads on', async (context) => {
  let head = UPGRADED - 1
  const client = await connect(await node(context, () => head))
  const valueOf = async (at?: At) => ({ ...((await read(client, 'm', 'tally', {}, at === undefined ? {} : { at })).value as object) })
  assert.deepEqual(await valueOf(), { total: 7n })
  head = UPGRADED + 3
  // What the module returns in addition is not known to the client, and harms nothing.
  assert.deepEqual(await valueOf(), { total: 7n })
  assert.deepEqual(await valueOf(UPGRADED), { total: 7n, extra: 'more' })
})

test('the past is read by the interface of its time', async (context) => {
  const client = await connect(await node(context, () => UPGRADED + 3))
  const current = await read(client, 'm', 'tally')
  assert.deepEqual({ ...(current.value as object) }, { total: 7n, extra: 'more' })
  const past = await read(client, 'm', 'tally', {}, { at: UPGRADED - 1 })
  assert.deepEqual({ ...(past.value as object) }, { total: 7n })
  assert.equal((await read(client, 'm', 'old-total', {}, { at: UPGRADED - 1 })).value, 7n)
  await assert.rejects(read(client, 'm', 'old-total'), (error) => error instanceof RefusedError && error.code === 'UNKNOWN_FUNCTION')
})

test('a generated client of the old version ignores new fields, one of the new version names what old states lack', async (context) => {
  const client = await connect(await node(context, () => UPGRADED + 3))
  const signature = (fields: { name: string; type: Type }[]) => ({ name: 'tally', parameters: [], result: tally(fields) })
  const old = defineFunction<object, object, never>('m', signature([total]))
  assert.deepEqual({ ...(await old.read(client, {})).value }, { total: 7n })
  const current = defineFunction<object, object, never>('m', signature([total, extra]))
  await assert.rejects(
    current.read(client, {}, { at: UPGRADED - 1 }),
    (error) => error instanceof ProtocolError && /m\.tally.*extra: is missing/.test(error.message),
  )
})
