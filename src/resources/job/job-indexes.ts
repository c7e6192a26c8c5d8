/** Consecutive completion indexes, both ends included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** Completion indexes as ordered ranges that do not touch: Jobs may have a hundred thousand. */
export type IndexSet = readonly IndexRange[];

/** Reads `1,3-5,7`; what is no range, or lies at or beyond `completions`, is left out. */
export function parseIndexes(text: string | undefined, completions: number): IndexSet {
  const ranges: { first: number; last: number }[] = [];
  for (const part of text === undefined || text === "" ? [] : text.split(",")) {
    const match = /^([0-9]{1,10})(?:-([0-9]{1,10}))?$/.exec(part);
    if (match === null) continue;
    const first = Number(match[1]);
    if (first >= completions) break;
    const last = Math.min(match[2] === undefined ? first : Number(match[2]), completions - 1);
    const previous = ranges[ranges.length - 1];
    if (previous !== undefined && previous.last === first - 1) previous.last = last;
    else ranges.push({ first, last });
  }
  return ranges;
}

/** Writes `1,3-5,7`; two neighbours are written one by one. */
export function formatIndexes(indexes: IndexSet): string {
  return indexes
    .map(({ first, last }) =>
      first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(",");
}

/** The indexes of both sets. */
export function mergeIndexes(a: IndexSet, b: IndexSet): IndexSet {
  const ranges: { first: number; last: number }[] = [];
  for (const { first, last } of [...a, ...b].sort((x, y) => x.first - y.first)) {
    const previous = ranges[ranges.length - 1];
    if (previous === undefined || first > previous.last + 1) ranges.push({ first, last });
    else if (previous.last < last) previous.last = last;
  }
  return ranges;
}

/** A set with single indexes added, in any order. */
export function withIndexes(indexes: IndexSet, added: Iterable<number>): IndexSet {
  return mergeIndexes(
    indexes,
    [...added].map((index) => ({ first: index, last: index })),
  );
}

export function countIndexes(indexes: IndexSet): number {
  return indexes.reduce((count, { first, last }) => count + last - first + 1, 0);
}

export function hasIndex(indexes: IndexSet, index: number): boolean {
  let low = 0;
  let high = indexes.length;
  // The first range that does not end before the index is at `high` or below.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle] as IndexRange).last >= index) high = middle;
    else low = middle + 1;
  }
  const range = indexes[high];
  return range !== undefined && range.first <= index;
}

/** How many indexes both sets have. */
export function countShared(a: IndexSet, b: IndexSet): number {
  let count = 0;
  let left = 0;
  let right = 0;
  for (let x = a[left], y = b[right]; x !== undefined && y !== undefined; x = a[left], y = b[right]) {
    count += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1);
    if (x.last <= y.last) left += 1;
    if (y.last <= x.last) right += 1;
  }
  return count;
}

/** The lowest indexes below `completions` that are not in the set, `count` at most. */
export function firstMissing(indexes: IndexSet, count: number, completions: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...indexes, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate += 1) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}
