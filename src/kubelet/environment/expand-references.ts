/**
 * Replaces `$(NAME)` in commands, arguments and values; `$$` stands for a dollar sign that begins no reference.
 * Source: Kubernetes documentation, "Define Dependent Environment Variables".
 * @param lookUp gives a variable's value; what it does not know stays as it is written
 */
export function expandReferences(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes("$")) return text;
  let expanded = "";
  let position = 0;
  while (position < text.length) {
    const dollar = text.indexOf("$", position);
    // A dollar sign at the very end begins nothing.
    if (dollar < 0 || dollar === text.length - 1) return expanded + text.slice(position);
    expanded += text.slice(position, dollar);
    const next = String.fromCodePoint(text.codePointAt(dollar + 1) as number);
    const close = next === "(" ? text.indexOf(")", dollar + 2) : -1;
    if (close >= 0) {
      const name = text.slice(dollar + 2, close);
      expanded += lookUp(name) ?? `$(${name})`;
      position = close + 1;
    } else {
      expanded += next === "$" ? "$" : `$${next}`;
      position = dollar + 1 + next.length;
    }
  }
  return expanded;
}
