/** A network of real node processes for the tests of this process. It is stopped at the end. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { after } from 'node:test'
import { type Client, connect, type ConnectOptions, fromHex, type Signer, signerOfSeed, type ValidatorView } from '@ehb/sdk'
import WebSocket from 'ws'
import { PACKAGE } from './vectors.js'

/** How long starting or stopping may take on a machine under load. */
const PATIENCE_MS = 300_000

export interface Network {
  readonly dir: string
  /** The nodes' addresses. */
  readonly urls: readonly string[]
  /** Seeds of funded accounts. Each test takes its own. */
  readonly seeds: readonly string[]
  readonly addresses: readonly string[]
  readonly validators: readonly ValidatorView[]
  readonly genesisText: string
}

const target = process.env['CARGO_TARGET_DIR'] ?? fileURLToPath(new URL('../../target', PACKAGE))

/** Runs a program of the repository and returns what it prints. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(target, 'release', program), args, { timeout: PATIENCE_MS })
  return stdout
}

let started: Promise<Network> | undefined
let taken = 0

/** The network, which is started at the first call. */
export function network(): Promise<Network> {
  started ??= start()
  return started
}

after(async () => {
  if (started === undefined) return
  const { dir } = await started
  await run('ehb-testnet', 'down', '--dir', dir)
  rmSync(dir, { recursive: true, force: true })
}, { timeout: PATIENCE_MS })

async function start(): Promise<Network> {
  const dir = mkdtempSync(join(tmpdir(), 'ehb-ts-'))
  const manifest = JSON.parse(
    await run('ehb-testnet', 'up', '--validators', '4', '--load-accounts', '96', '--dir', dir, '--detach', '--json'),
  )
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  const { accounts } = JSON.parse(read('load-accounts.json'))
  const genesisText = read('genesis.json')
  const validators = JSON.parse(genesisText).validators.map((it: any) => ({
    name: it.name, consensusKey: it.consensus_key, nodeKey: it.node_key, power: String(it.power),
  }))
  validators.sort((a: ValidatorView, b: ValidatorView) => (a.consensusKey < b.consensusKey ? -1 : 1))
  return {
    dir,
    urls: manifest.nodes.map((it: any) => it.rpc),
    seeds: accounts.map((it: any) => it.seed),
    addresses: accounts.map((it: any) => it.address),
    validators,
    genesisText,
  }
}

/** The class of WebSockets of this platform, or that of the package `ws`. */
export const Socket = (globalThis.WebSocket ?? WebSocket) as NonNullable<ConnectOptions['WebSocket']>

/** A client with an account of its own, and the address of another one. */
export async function participant(options: ConnectOptions = {}): Promise<{ client: Client; signer: Signer; address: string; other: string }> {
  const { urls, seeds, addresses } = await network()
  const client = await connect(urls, { WebSocket: Socket, ...options })
  const index = taken
  taken += 2
  const [seed, address, other] = [seeds[index], addresses[index], addresses[index + 1]]
  if (seed === undefined || address === undefined || other === undefined) throw new Error('the network has too few accounts')
  return { client, signer: await signerOfSeed(fromHex(seed)), address, other }
}
