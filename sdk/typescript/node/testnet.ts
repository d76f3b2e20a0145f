/** `@ehb/sdk/testnet`: a network of real nodes for a test suite, in Node. It needs the program `ehb-testnet`. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What `startTestnet` starts. */
export interface TestnetOptions {
  /** The number of validators, 1 by default: more agree as on a real network, and cost more. */
  readonly validators?: number
  /** The number of accounts with money, 16 by default. */
  readonly accounts?: number
  /** The path of `ehb-testnet`, by default the one in `PATH`. `ehb-node` is beside it. */
  readonly program?: string
}

/** An account with 10,000,000.00 EUR. */
export interface TestAccount {
  readonly address: string
  /** The Ed25519 seed of its key in hex, for `signerOfSeed`. */
  readonly seed: string
}

/** A running network. */
export interface Testnet {
  /** Its folder, which `ehb --testnet` takes as well. */
  readonly dir: string
  /** The addresses of its nodes, for `connect`. */
  readonly urls: readonly string[]
  /** The text of the genesis file, for `trustGenesis`. */
  readonly genesisText: string
  readonly accounts: readonly TestAccount[]
  /** Stops the nodes and removes the folder. A process that ends without it does the same at its end. */
  stop(): Promise<void>
}

/** A network that does not start. */
export class TestnetError extends Error {
  override readonly name = 'TestnetError'
}

/** How long starting or stopping may take on a machine under load, milliseconds. */
const PATIENCE_MS = 300_000
/** The longest output of the program, bytes. */
const OUTPUT_BYTES_MAX = 64 << 20

const runFile = promisify(execFile)

/** Starts a network in a folder of its own, on free ports, and waits until it is ready. Errors: `TestnetError`. */
export async function startTestnet(options: TestnetOptions = {}): Promise<Testnet> {
  const { validators = 1, accounts = 16, program = 'ehb-testnet' } = options
  const dir = mkdtempSync(join(tmpdir(), 'ehb-testnet-'))
  const down = ['down', '--dir', dir]
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  const atExit = (): void => {
    try {
      execFileSync(program, down, { timeout: PATIENCE_MS, stdio: 'ignore' })
    } finally {
      remove()
    }
  }
  process.once('exit', atExit)
  const stop = async (): Promise<void> => {
    process.off('exit', atExit)
    await runFile(program, down, { timeout: PATIENCE_MS })
    remove()
  }
  try {
    const size = ['--validators', String(validators), '--load-accounts', String(accounts)]
    const up = ['up', ...size, '--dir', dir, '--detach', '--json']
    const { stdout } = await runFile(program, up, { timeout: PATIENCE_MS, maxBuffer: OUTPUT_BYTES_MAX })
    const read = (name: string): string => readFileSync(join(dir, name), 'utf8')
    const nodes: { rpc: string }[] = JSON.parse(stdout).nodes
    return {
      dir,
      urls: nodes.map((node) => node.rpc),
      genesisText: read('genesis.json'),
      accounts: JSON.parse(read('load-accounts.json')).accounts,
      stop,
    }
  } catch (error) {
    await stop().catch(remove)
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    throw new TestnetError(
      code === 'ENOENT'
        ? `there is no program ${program}: build it with \`cargo build --release --bins\`, and put it in PATH or name it as \`program\``
        : `the network does not start: ${stderr?.trim() || message}`,
      { cause: error },
    )
  }
}
