import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { secrets } from "../../api/resources.ts";
import { buildObject } from "../../testing/build-object.ts";
import { findCredentials } from "./pull-credentials.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const login = (name: string) => ({ auth: base64(`${name}:pass`) });
const secret = (auths: Record<string, object>) =>
  buildObject(secrets, {
    metadata: { name: "login", uid: "secret-1" },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": base64(JSON.stringify({ auths })) },
  });
const names = (repository: string, auths: Record<string, object>) =>
  findCredentials(repository, [secret(auths)]).map(({ username }) => username);

describe("findCredentials", () => {
  // Source: the table in Kubernetes documentation, "Images": interpretation of config.json.
  it.each([
    { location: "registry.example.com", repository: "registry.example.com/app", matches: true },
    { location: "https://registry.example.com/v1/", repository: "registry.example.com/app", matches: true },
    { location: "*.example.com", repository: "registry.example.com/app", matches: true },
    { location: "*.example.com", repository: "example.com/app", matches: false },
    { location: "*.com", repository: "registry.example.com/app", matches: false },
    { location: "registr?.exa*.com", repository: "registry.example.com/app", matches: true },
    { location: "registry.example.com:5000", repository: "registry.example.com:5000/app", matches: true },
    { location: "registry.example.com:5000", repository: "registry.example.com/app", matches: false },
    { location: "registry.example.com/team", repository: "registry.example.com/team/app", matches: true },
    { location: "registry.example.com/team", repository: "registry.example.com/other/app", matches: false },
    { location: "https://index.docker.io/v1/", repository: "docker.io/library/web", matches: true },
    { location: "docker.io", repository: "docker.io/library/web", matches: true },
  ])("$location for $repository: $matches", ({ location, repository, matches }) => {
    expect(names(repository, { [location]: login("jane") })).toEqual(matches ? ["jane"] : []);
  });

  it("puts the most specific first", () => {
    const auths = {
      "example.com": login("all"),
      "example.com/team": login("team"),
      "example.com/team/app": login("app"),
    };
    expect(names("example.com/team/app", auths)).toEqual(["app", "team", "all"]);
  });

  it("reads the older form, plain names and passwords with colons", () => {
    const older = buildObject(secrets, {
      metadata: { uid: "secret-2" },
      type: "kubernetes.io/dockercfg",
      data: { ".dockercfg": base64(JSON.stringify({ "example.com": { username: "jane", password: "a:b" } })) },
    });
    const newer = secret({ "example.com": { auth: base64("joe:c:d") } });
    expect(findCredentials("example.com/app", [older, newer])).toEqual([
      { username: "jane", password: "a:b", serverAddress: "example.com", secretUid: "secret-2" },
      { username: "joe", password: "c:d", serverAddress: "example.com", secretUid: "secret-1" },
    ]);
  });

  it("passes over what it cannot read", () => {
    const broken = buildObject(secrets, {
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": base64("{") },
    });
    const opaque = buildObject(secrets, { type: "Opaque", data: { ".dockerconfigjson": base64("{}") } });
    const noColon = secret({ "example.com": { auth: base64("jane") }, "other.example": { auth: "%%" } });
    expect(findCredentials("example.com/app", [broken, opaque, noColon])).toEqual([]);
  });
});
