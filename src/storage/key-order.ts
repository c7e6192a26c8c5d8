/**
 * Orders keys by the bytes of their UTF-8 form, as every store lists them. JavaScript's own `<` compares UTF-16 units
 * and so puts characters beyond U+FFFF before those from U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return unitRank(unitA) - unitRank(unitB);
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for the highest characters, behind all other units. */
function unitRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The first key behind all those that begin with `prefix`; undefined when there is none, as for the empty prefix. */
export function endOfPrefix(prefix: string): string | undefined {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10ffff) continue;
    const next = point === 0xd7ff ? 0xe000 : point + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return undefined;
}
