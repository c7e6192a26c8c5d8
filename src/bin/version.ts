import { readPackageVersion } from "../cluster/package-version.ts";

/** `k8ts version`. */
export async function run(): Promise<number> {
  process.stdout.write(`k8ts ${readPackageVersion()}, Kubernetes API level v1.36, Node.js ${process.version}\n`);
  return 0;
}
