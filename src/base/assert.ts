/**
 * Stops on a broken invariant: something that no input, fault or timing may bring about.
 * @throws {Error} "invariant broken: <message>"
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** Says to the compiler, and at run time, that every case of a union has been handled. */
export function unreachable(value: never): never {
  throw new Error(`invariant broken: unexpected value ${JSON.stringify(value)}`);
}
