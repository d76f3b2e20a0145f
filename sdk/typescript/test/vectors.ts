/** Reads the vectors that Rust writes. */
import { readFileSync } from 'node:fs'

/** The folder of the package: tests run from `build`. */
export const PACKAGE = new URL('..', import.meta.url)

/** A file of vectors. */
export function vectors(name: string): any {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, PACKAGE), 'utf8'))
}

/** Bytes from 0 on that count up. */
export const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index)
