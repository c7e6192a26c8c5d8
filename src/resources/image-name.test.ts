import { describe, expect, it } from "vitest";
import { defaultPullPolicy, parseImageName } from "./image-name.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("image name", () => {
  it.each([
    ["nginx", "docker.io/library/nginx", "latest", ""],
    ["nginx:1.27", "docker.io/library/nginx", "1.27", ""],
    ["team/app", "docker.io/team/app", "latest", ""],
    ["index.docker.io/app", "docker.io/library/app", "latest", ""],
    ["localhost/app:x", "localhost/app", "x", ""],
    ["registry:5000/a/b", "registry:5000/a/b", "latest", ""],
    ["[::1]:5000/a", "[::1]:5000/a", "latest", ""],
    [`nginx@${digest}`, "docker.io/library/nginx", "", digest],
    [`nginx:1@${digest}`, "docker.io/library/nginx", "1", digest],
  ])("%s is taken apart", (text, repository, tag, parsedDigest) => {
    expect(parseImageName(text)).toEqual({ repository, tag, digest: parsedDigest });
  });

  it.each(["", "Nginx", "a b", "a".repeat(64), "nginx:", "nginx@sha256:abc", `nginx@md5:${"a".repeat(32)}`, "-a/b"])(
    "%s is none",
    (text) => {
      expect(parseImageName(text)).toBeUndefined();
    },
  );

  it("is always pulled when its tag is latest, said or not", () => {
    expect(
      ["nginx", "nginx:latest", `nginx:latest@${digest}`, "nginx:1", `nginx@${digest}`, "Bad"].map(defaultPullPolicy),
    ).toEqual(["Always", "Always", "Always", "IfNotPresent", "IfNotPresent", "IfNotPresent"]);
  });
});
