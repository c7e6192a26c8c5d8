import { describe, expect, it } from "vitest";
import { mountsBelow, parseMountInfo } from "./mount-table.ts";

const text = [
  "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard",
  String.raw`40 22 0:40 / /data/pods/a/with\040space rw - tmpfs tmp\134fs rw,size=1024k`,
  "41 22 0:41 /sub /data/pods/a/x rw,relatime - ext4 /dev/vda rw",
  "42 41 0:42 / /data/pods/a/x/deeper rw master:3 propagate_from:2 - overlay overlay rw,lowerdir=/l",
  "43 22 0:43 / /data/pods-memory rw - tmpfs tmpfs rw",
  "",
].join("\n");

describe("the table of mounts", () => {
  it("is read with whatever optional fields a line has", () => {
    expect(parseMountInfo(text)).toEqual([
      { path: "/", type: "ext4", source: "/dev/vda", options: ["rw", "relatime", "rw", "discard"] },
      { path: "/data/pods/a/with space", type: "tmpfs", source: "tmp\\fs", options: ["rw", "rw", "size=1024k"] },
      { path: "/data/pods/a/x", type: "ext4", source: "/dev/vda", options: ["rw", "relatime", "rw"] },
      { path: "/data/pods/a/x/deeper", type: "overlay", source: "overlay", options: ["rw", "rw", "lowerdir=/l"] },
      { path: "/data/pods-memory", type: "tmpfs", source: "tmpfs", options: ["rw", "rw"] },
    ]);
  });

  it("gives what is below a folder in the order of unmounting, and nothing beside it", () => {
    expect(mountsBelow(parseMountInfo(text), "/data/pods")).toEqual([
      "/data/pods/a/x/deeper",
      "/data/pods/a/x",
      "/data/pods/a/with space",
    ]);
  });
});
