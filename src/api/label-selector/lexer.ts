/** A piece of a selector. `in` and `notin` are words: the parser knows where they are operators. */
export interface SelectorToken {
  readonly kind: "word" | "end" | "(" | ")" | "," | "!" | "=" | "==" | "!=" | ">" | "<";
  readonly text: string;
}

const specials = "=!(),><";
const spaces = " \t\r\n";
const nul = "\0";

/** Splits a selector into tokens; the last one is `end`. A NUL ends the token that it follows, or else the selector. */
export function scanSelector(text: string): SelectorToken[] {
  const tokens: SelectorToken[] = [];
  let position = 0;
  for (;;) {
    while (position < text.length && spaces.includes(text[position] as string)) position += 1;
    const character = text[position] ?? nul;
    if (character === nul) break;
    if (specials.includes(character)) {
      const pair = text.slice(position, position + 2);
      const symbol = (pair === "==" || pair === "!=" ? pair : character) as Exclude<
        SelectorToken["kind"],
        "word" | "end"
      >;
      tokens.push({ kind: symbol, text: symbol });
      position += symbol.length;
      if (text[position] === nul) position += 1;
    } else {
      const start = position;
      while (position < text.length && !isWordEnd(text[position] as string)) position += 1;
      tokens.push({ kind: "word", text: text.slice(start, position) });
      if (text[position] === nul) position += 1;
    }
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function isWordEnd(character: string): boolean {
  return character === nul || specials.includes(character) || spaces.includes(character);
}
