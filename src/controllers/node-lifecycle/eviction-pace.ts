/** Lets nodes that fail be given up one after the other, in each zone at its own rate and in the order they came. */
export interface EvictionPace {
  /**
   * Whether a node may be given up now. One that may not is woken when its turn comes.
   * @returns false while it has to wait; asked again after a yes it says yes
   */
  ask(node: string, zone: string, nowMs: number): { readonly isGranted: boolean; readonly waitMs?: number };
  /** The node has been given up, is well again or gone. */
  leave(node: string): void;
  /** @param perSecond nodes per second; 0 stops everything */
  setRate(zone: string, perSecond: number, nowMs: number): void;
}

interface Zone {
  perSecond: number;
  /** When the next node may be given up. */
  freeAtMs: number;
  readonly waiting: Set<string>;
}

/** Creates a pace for zones that all begin at one rate. */
export function createEvictionPace(initialRate: number, wake: (node: string) => void): EvictionPace {
  const zones = new Map<string, Zone>();
  const zoneOfNode = new Map<string, string>();
  const granted = new Set<string>();
  const find = (key: string): Zone => {
    const zone = zones.get(key) ?? { perSecond: initialRate, freeAtMs: Number.NEGATIVE_INFINITY, waiting: new Set() };
    zones.set(key, zone);
    return zone;
  };
  const wakeFirst = ({ waiting, perSecond }: Zone): void => {
    const [first] = waiting;
    if (first !== undefined && perSecond > 0) wake(first);
  };
  const leave = (node: string): void => {
    granted.delete(node);
    const key = zoneOfNode.get(node);
    if (key === undefined) return;
    zoneOfNode.delete(node);
    const zone = find(key);
    const [first] = zone.waiting;
    zone.waiting.delete(node);
    if (first === node) wakeFirst(zone);
  };
  return {
    ask(node, key, nowMs) {
      if (granted.has(node)) return { isGranted: true };
      if (zoneOfNode.has(node) && zoneOfNode.get(node) !== key) leave(node);
      const zone = find(key);
      zone.waiting.add(node);
      zoneOfNode.set(node, key);
      const [first] = zone.waiting;
      if (first !== node || zone.perSecond <= 0) return { isGranted: false };
      if (zone.freeAtMs > nowMs) return { isGranted: false, waitMs: zone.freeAtMs - nowMs };
      zone.freeAtMs = nowMs + 1000 / zone.perSecond;
      zone.waiting.delete(node);
      granted.add(node);
      wakeFirst(zone);
      return { isGranted: true };
    },
    leave,
    setRate(key, perSecond, nowMs) {
      const zone = find(key);
      if (zone.perSecond === perSecond) return;
      // A node that has just been given up counts at the new rate too.
      const isFree = zone.perSecond > 0 && zone.freeAtMs <= nowMs;
      zone.perSecond = perSecond;
      if (!isFree && perSecond > 0) zone.freeAtMs = nowMs + 1000 / perSecond;
      wakeFirst(zone);
    },
  };
}
