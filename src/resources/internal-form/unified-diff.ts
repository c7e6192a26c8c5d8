/**
 * Compares two texts line by line the way that Python's difflib made popular, which is what API servers answer with.
 * Source: the published Ratcliff-Obershelp matching with its rule that very frequent lines start no match.
 */

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** A stretch of both texts: `equal`, or one that has to be replaced. */
interface Change {
  readonly isEqual: boolean;
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** Lines of unchanged text shown around a change. */
const contextLines = 3;
/** Texts of at least this many lines have popular lines: those that make up more than a hundredth. */
const popularFrom = 200;

/** A unified diff without file names; empty when the texts are the same. */
export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  let text = "";
  for (const group of groupChanges(changesBetween(a, b))) {
    const first = group[0] as Change;
    const last = group.at(-1) as Change;
    text += `@@ -${range(first.aFrom, last.aTo)} +${range(first.bFrom, last.bTo)} @@\n`;
    for (const change of group) {
      const removed = a.slice(change.aFrom, change.aTo);
      if (change.isEqual) for (const line of removed) text += ` ${line}\n`;
      else {
        for (const line of removed) text += `-${line}\n`;
        for (const line of b.slice(change.bFrom, change.bTo)) text += `+${line}\n`;
      }
    }
  }
  return text;
}

function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

function changesBetween(a: readonly string[], b: readonly string[]): Change[] {
  const changes: Change[] = [];
  let aAt = 0;
  let bAt = 0;
  for (const { a: aFrom, b: bFrom, size } of matchingBlocks(a, b)) {
    if (aAt < aFrom || bAt < bFrom) changes.push({ isEqual: false, aFrom: aAt, aTo: aFrom, bFrom: bAt, bTo: bFrom });
    aAt = aFrom + size;
    bAt = bFrom + size;
    if (size > 0) changes.push({ isEqual: true, aFrom, aTo: aAt, bFrom, bTo: bAt });
  }
  return changes;
}

/** Cuts long unchanged stretches, so that each group is one hunk of the diff. */
function groupChanges(changes: readonly Change[]): Change[][] {
  if (!changes.some((change) => !change.isEqual)) return [];
  const groups: Change[][] = [];
  let group: Change[] = [];
  for (const [index, change] of changes.entries()) {
    const { isEqual, aTo, bTo } = change;
    let { aFrom, bFrom } = change;
    if (!isEqual) {
      group.push(change);
      continue;
    }
    const isFirst = index === 0;
    const isLast = index === changes.length - 1;
    if (isFirst) {
      aFrom = Math.max(aFrom, aTo - contextLines);
      bFrom = Math.max(bFrom, bTo - contextLines);
      group.push({ isEqual, aFrom, aTo, bFrom, bTo });
    } else if (isLast) {
      group.push({
        isEqual,
        aFrom,
        aTo: Math.min(aTo, aFrom + contextLines),
        bFrom,
        bTo: Math.min(bTo, bFrom + contextLines),
      });
    } else if (aTo - aFrom > 2 * contextLines) {
      group.push({ isEqual, aFrom, aTo: aFrom + contextLines, bFrom, bTo: bFrom + contextLines });
      groups.push(group);
      group = [{ isEqual, aFrom: aTo - contextLines, aTo, bFrom: bTo - contextLines, bTo }];
    } else {
      group.push(change);
    }
  }
  if (group.some((change) => !change.isEqual)) groups.push(group);
  return groups;
}

/** Stretches that both texts have, in order, adjacent ones joined, with an empty one at the end. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Match[] {
  const positions = positionsOf(b);
  const found: Match[] = [];
  const collect = (aFrom: number, aTo: number, bFrom: number, bTo: number): void => {
    const match = longestMatch(a, b, positions, aFrom, aTo, bFrom, bTo);
    if (match.size === 0) return;
    if (aFrom < match.a && bFrom < match.b) collect(aFrom, match.a, bFrom, match.b);
    found.push(match);
    if (match.a + match.size < aTo && match.b + match.size < bTo)
      collect(match.a + match.size, aTo, match.b + match.size, bTo);
  };
  collect(0, a.length, 0, b.length);
  const blocks: Match[] = [];
  for (const match of found) {
    const last = blocks.at(-1);
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b)
      blocks[blocks.length - 1] = { ...last, size: last.size + match.size };
    else blocks.push(match);
  }
  return [...blocks, { a: a.length, b: b.length, size: 0 }];
}

function positionsOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const positions = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = positions.get(line);
    if (known === undefined) positions.set(line, [index]);
    else known.push(index);
  }
  if (lines.length < popularFrom) return positions;
  const most = Math.floor(lines.length / 100) + 1;
  for (const [line, places] of positions) if (places.length > most) positions.delete(line);
  return positions;
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
): Match {
  let bestA = aFrom;
  let bestB = bFrom;
  let bestSize = 0;
  // Length of the match that ends at each place of `b`, for the line of `a` before this one.
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i += 1) {
    const next = new Map<number, number>();
    for (const j of positions.get(a[i] as string) ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > bestSize) {
        bestA = i - size + 1;
        bestB = j - size + 1;
        bestSize = size;
      }
    }
    lengths = next;
  }
  while (bestA > aFrom && bestB > bFrom && a[bestA - 1] === b[bestB - 1]) {
    bestA -= 1;
    bestB -= 1;
    bestSize += 1;
  }
  while (bestA + bestSize < aTo && bestB + bestSize < bTo && a[bestA + bestSize] === b[bestB + bestSize]) bestSize += 1;
  return { a: bestA, b: bestB, size: bestSize };
}
