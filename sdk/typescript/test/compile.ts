/** Compiles sources with the strictest settings, for tests of types. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PACKAGE } from './vectors.js'

/** Compiles sources with the strictest settings, and returns the folder of the modules. */
export async function compile(name: string, sources: Record<string, string>): Promise<URL> {
  const folder = new URL(`build/${name}/`, PACKAGE)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(sources)) writeFileSync(new URL(file, folder), text)
  const config = { extends: '../../tsconfig.json', compilerOptions: { rootDir: '.', outDir: '.', noUnusedLocals: true }, include: ['*.ts'], exclude: [] }
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify(config))
  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', PACKAGE))
  try {
    await promisify(execFile)(tsc, ['-p', fileURLToPath(folder)], { timeout: 300_000 })
  } catch (error) {
    assert.fail(String((error as any).stdout))
  }
  return folder
}
