/**
 * A network of real nodes with an indexer and its Postgres, on which the demo's story was played. With EHB_TESTNET_DIR and
 * EHB_DASHBOARD_URL it is one that runs already.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect, type Client, fromHex, type Signer, signerOfSeed } from '@ehb/sdk'

/** How long starting or stopping may take on a machine under load. */
const PATIENCE_MS = 300_000

export const PACKAGE = new URL('../../', import.meta.url)
const target = join(process.env['CARGO_TARGET_DIR'] ?? fileURLToPath(new URL('../../target', PACKAGE)), 'release')

export interface Network {
  /** The address of the dashboard. */
  readonly url: string
  readonly nodes: readonly string[]
  readonly client: Client
  readonly genesisText: string
  /** Addresses of the people of the story. */
  readonly people: { readonly [name: string]: string }
  /** A signer of a funded account that nobody else uses. */
  readonly payer: Signer
  /** The seed of its key, hex. */
  readonly payerSeed: string
  readonly payee: string
  readonly stop: () => Promise<void>
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(target, program), args, { timeout: PATIENCE_MS })
  return stdout
}

/** Waits until the indexer has the last step of the story: a grant that its buyer returned. */
async function indexed(url: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const { data } = (await (await fetch(`${url}/v1/grants?state=refunded`)).json()) as { data?: unknown[] }
    if (data !== undefined && data.length > 0) return
    if (Date.now() >= deadline) throw new Error('the indexer did not get to the end of the story')
  }
}

export async function start(): Promise<Network> {
  const running = process.env['EHB_TESTNET_DIR']
  const dir = running ?? mkdtempSync(join(tmpdir(), 'ehb-dashboard-'))
  if (running === undefined) {
    // The indexer serves the folder beside its program.
    rmSync(join(target, 'dashboard'), { recursive: true, force: true })
    cpSync(new URL('dist', PACKAGE), join(target, 'dashboard'), { recursive: true })
    await run('ehb-testnet', 'up', '--dir', dir, '--load-accounts', '16', '--indexer', '--detach')
    await run('ehb-testnet', 'demo', '--dir', dir, '--exit')
  }
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  const manifest = JSON.parse(read('manifest.json'))
  const [payer, payee] = JSON.parse(read('load-accounts.json')).accounts.slice(-2)
  const nodes: string[] = manifest.nodes.map((it: { rpc: string }) => it.rpc)
  const url: string = process.env['EHB_DASHBOARD_URL'] ?? manifest.indexer.url
  await indexed(url)
  return {
    url,
    nodes,
    client: await connect(nodes),
    genesisText: read('genesis.json'),
    people: Object.fromEntries(manifest.accounts.map((it: { name: string; address: string }) => [it.name, it.address])),
    payer: await signerOfSeed(fromHex(payer.seed)),
    payerSeed: payer.seed,
    payee: payee.address,
    stop: async () => {
      if (running !== undefined) return
      await run('ehb-testnet', 'down', '--dir', dir)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
