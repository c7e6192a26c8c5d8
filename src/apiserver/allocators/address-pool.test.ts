import { describe, expect, test } from "vitest";
import { createSeededRandom } from "../../base/random.ts";
import { type IpRange, parseIpRange } from "../../resources/ip-address.ts";
import { createAddressPool } from "./address-pool.ts";

const poolOf = (cidr: string) => createAddressPool(parseIpRange(cidr) as IpRange, createSeededRandom(1));
/** Takes all there is, in the order in which it is given. */
function takeAll(pool: ReturnType<typeof poolOf>): string[] {
  const taken: string[] = [];
  for (let address = pool.findFree(); address !== undefined; address = pool.findFree()) {
    pool.hold(address);
    taken.push(address);
  }
  return taken;
}
const lastByte = (address: string): number => Number(address.split(".").at(-1));

describe("a pool of addresses", () => {
  test("gives each address once, but neither the network's own nor that for broadcasts", () => {
    const taken = takeAll(poolOf("10.0.0.0/28"));
    expect(taken.map(lastByte).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test("leaves the lower part to users as long as the upper has room", () => {
    const bytes = takeAll(poolOf("10.0.0.0/24")).map(lastByte);
    const upper = bytes.slice(0, 254 - 16);
    expect([Math.min(...upper), Math.max(...upper), bytes.length]).toEqual([17, 254, 254]);
    expect(bytes.slice(-16).every((byte) => byte <= 16)).toBe(true);
  });

  test.each([
    { cidr: "10.0.0.0/24", address: "10.0.0.1", fault: undefined },
    { cidr: "10.0.0.0/24", address: "10.0.0.254", fault: undefined },
    { cidr: "10.0.0.0/24", address: "10.0.0.0", fault: "the provided network does not match the current range" },
    { cidr: "10.0.0.0/24", address: "10.0.0.255", fault: "the provided network does not match the current range" },
    { cidr: "10.0.0.0/24", address: "10.0.1.1", fault: "the provided network does not match the current range" },
    { cidr: "10.0.0.0/24", address: "fd00::1", fault: "the provided network does not match the current range" },
    { cidr: "fd00::/108", address: "fd00::f:ffff", fault: undefined },
    { cidr: "fd00::/64", address: "fd00::ffff:ffff", fault: undefined },
    { cidr: "fd00::/64", address: "fd00::1:0:0", fault: "the provided network does not match the current range" },
  ])("of $cidr says of $address: $fault", ({ cidr, address, fault }) => {
    expect(poolOf(cidr).fault(address)).toBe(fault);
  });

  test("gives back what all holders have let go", () => {
    const pool = poolOf("10.0.0.0/24");
    pool.hold("10.0.0.5");
    pool.hold("10.0.0.5");
    pool.release("10.0.0.5");
    expect(pool.fault("10.0.0.5")).toBe("provided IP is already allocated");
    pool.release("10.0.0.5");
    expect(pool.fault("10.0.0.5")).toBeUndefined();
  });
});
