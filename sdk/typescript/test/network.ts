/** A network of real node processes for the tests of this process. It is stopped at the end. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { after } from 'node:test'
import { type Client, connect, type ConnectOptions, fromHex, type Signer, signerOfSeed, type ValidatorView } from '@ehb/sdk'
import { startTestnet, type Testnet } from '@ehb/sdk/testnet'
import WebSocket from 'ws'
import { PACKAGE } from './vectors.js'

/** How long starting or stopping may take on a machine under load. */
const PATIENCE_MS = 300_000

/** The network, of whose accounts each test takes its own. */
export interface Network extends Testnet {
  readonly validators: readonly ValidatorView[]
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

after(async () => (await started)?.stop(), { timeout: PATIENCE_MS })

async function start(): Promise<Network> {
  const net = await startTestnet({ validators: 4, accounts: 96, program: join(target, 'release', 'ehb-testnet') })
  const { genesisText } = net
  const validators = JSON.parse(genesisText).validators.map((it: any) => ({
    name: it.name, consensusKey: it.consensus_key, nodeKey: it.node_key, power: String(it.power),
  }))
  validators.sort((a: ValidatorView, b: ValidatorView) => (a.consensusKey < b.consensusKey ? -1 : 1))
  return { ...net, validators }
}

/** The class of WebSockets of this platform, or that of the package `ws`. */
export const Socket = (globalThis.WebSocket ?? WebSocket) as NonNullable<ConnectOptions['WebSocket']>

/** A client with an account of its own, and the address of another one. */
export async function participant(options: ConnectOptions = {}): Promise<{ client: Client; signer: Signer; address: string; other: string }> {
  const { urls, accounts } = await network()
  const client = await connect(urls, { WebSocket: Socket, ...options })
  const index = taken
  taken += 2
  const [own, other] = [accounts[index], accounts[index + 1]]
  if (own === undefined || other === undefined) throw new Error('the network has too few accounts')
  return { client, signer: await signerOfSeed(fromHex(own.seed)), address: own.address, other: other.address }
}
