import sortedBTree from "sorted-btree";

/** A map in the order of its keys, of which a copy costs nothing until one of the two is changed. */
export interface OrderedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  values(): Iterable<V>;
  clone(): OrderedMap<V>;
  /** Visits the keys from `low` up to `high`, which is left out, until the visitor answers false. */
  visitRange(low: string, high: string, visit: (value: V) => boolean): void;
  /** The number of keys that `visitRange` would visit; much faster than visiting them. */
  countRange(low: string, high: string): number;
}

type TreeClass = typeof sortedBTree.default;
type Tree<V> = InstanceType<typeof BTree<string, V>>;

// The package is CommonJS: Node puts its exports under the default import, bundlers put its class there.
const BTree = (typeof sortedBTree === "function" ? sortedBTree : sortedBTree.default) as TreeClass;

/** Creates an empty map, ordered as strings compare with `<`. */
export function createOrderedMap<V>(): OrderedMap<V> {
  return wrap(new BTree<string, V>(undefined, compareKeys));
}

/** The order of keys. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function wrap<V>(tree: Tree<V>): OrderedMap<V> {
  return {
    get size() {
      return tree.size;
    },
    get: (key) => tree.get(key),
    set: (key, value) => tree.set(key, value),
    delete: (key) => tree.delete(key),
    values: () => tree.values(),
    clone: () => wrap(tree.clone()),
    visitRange(low, high, visit) {
      tree.forRange(low, high, false, (_key, value) => (visit(value) ? undefined : { break: true }));
    },
    countRange: (low, high) => tree.forRange(low, high, false) as number,
  };
}
