/**
 * The order in which keys are written: letters by code point, runs of digits by their number, anything else before letters.
 * Source: the YAML that kubectl prints.
 */
export function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const leftCharacter = left[index] as string;
    const rightCharacter = right[index] as string;
    if (leftCharacter !== rightCharacter) return compareAt(left, right, index, leftCharacter, rightCharacter);
  }
  return left.length - right.length;
}

function compareAt(left: string[], right: string[], index: number, a: string, b: string): number {
  const leftIsLetter = isLetter(a);
  const rightIsLetter = isLetter(b);
  if (leftIsLetter !== rightIsLetter) return rightIsLetter ? -1 : 1;
  const byCodePoint = (a.codePointAt(0) as number) - (b.codePointAt(0) as number);
  if (leftIsLetter) return byCodePoint;
  // A zero inside a number counts; leading ones only make it longer.
  const lead = (a === "0" || b === "0") && continuesNumber(left, index) ? 1n : 0n;
  const leftNumber = readNumber(left, index, lead);
  const rightNumber = readNumber(right, index, lead);
  if (leftNumber.value !== rightNumber.value) return leftNumber.value < rightNumber.value ? -1 : 1;
  return leftNumber.end === rightNumber.end ? byCodePoint : leftNumber.end - rightNumber.end;
}

function continuesNumber(characters: readonly string[], index: number): boolean {
  for (let before = index - 1; before >= 0 && isDigit(characters[before]); before -= 1)
    if (characters[before] !== "0") return true;
  return false;
}

function readNumber(characters: readonly string[], start: number, lead: bigint): { value: bigint; end: number } {
  let value = lead;
  let end = start;
  for (; isDigit(characters[end]); end += 1)
    value = BigInt.asIntN(64, value * 10n + BigInt((characters[end] as string).codePointAt(0) as number) - 48n);
  return { value, end };
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && /^\p{Nd}$/u.test(character);
}
