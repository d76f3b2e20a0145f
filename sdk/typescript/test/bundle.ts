/** Bundles code for browsers, for tests of the package. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PACKAGE } from './vectors.js'

/** A browser bundle of the code's imports; it does not build if they need Node. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(PACKAGE) },
    bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent',
  })
  return outputFiles[0]!.text
}
