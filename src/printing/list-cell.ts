/** The first few of a list in one cell, and how many more there are: `a,b,c + 2 more...`. */
export function listCell(items: readonly string[], most: number): string {
  if (items.length <= most) return items.join(",");
  return `${items.slice(0, most).join(",")} + ${items.length - most} more...`;
}
