/** Runs tasks of one account side by side, each in a lane of its own. */
import { EhbError } from './errors.js'

/** The largest number of tasks that wait for a lane. */
const WAITING_MAX = 100_000

/** Too many tasks wait for a lane; nothing was sent. */
export class LanesFullError extends EhbError {
  readonly kind = 'lanes-full'
  override readonly retryable = true
}

/** A set of lanes of one account, each used by one task at a time. */
export interface Lanes {
  /** Runs `act` with a lane that no other task of this set uses meanwhile; waits until one is free. */
  use<T>(act: (lane: number) => Promise<T>): Promise<T>
}

/**
 * Lanes `first` to `first + count - 1` for sending in parallel: transactions on different lanes do not wait for each
 * other. The state keeps every lane that an account ever used, so a program should reuse a few.
 */
export function lanesOf(count: number, first = 1): Lanes {
  const free = Array.from({ length: count }, (_, index) => first + index)
  const waiting: ((lane: number) => void)[] = []
  const take = (): Promise<number> => {
    const lane = free.shift()
    if (lane === undefined && waiting.length >= WAITING_MAX) {
      throw new LanesFullError(`${WAITING_MAX} tasks wait for a lane already: send more slowly`)
    }
    return lane === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(lane)
  }
  const giveBack = (lane: number): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(lane)
    else next(lane)
  }
  return {
    use: async (act) => {
      const lane = await take()
      try {
        return await act(lane)
      } finally {
        giveBack(lane)
      }
    },
  }
}
