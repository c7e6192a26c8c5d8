import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  webcrypto,
  X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type * as X509 from "@peculiar/x509";
import type { Clock } from "../base/clock.ts";
import { readFileIfPresent, writePrivateFile } from "./private-files.ts";

/** A certificate with its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Everything that proves identities in one cluster. */
export interface ClusterKeys {
  readonly authority: KeyPair;
  /** What the API server shows to clients. */
  readonly apiServer: KeyPair;
  /** What the node's own HTTPS server shows. */
  readonly node: KeyPair;
  /** What the API server shows to nodes. */
  readonly nodeClient: KeyPair;
  /** What the kubeconfig of the cluster's owner holds. */
  readonly admin: KeyPair;
  /** Signs service account tokens; RSA, PKCS#8. */
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
}

/** Who a certificate is for. */
interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[];
  readonly usages: readonly ("server" | "client")[];
}

/** Certificates live a year; ten for the authority. */
const certificateLifeMs = 365 * 24 * 3_600_000;
const authorityLifeMs = 10 * certificateLifeMs;
/** A certificate with less than this left is issued anew at start. */
const renewBeforeMs = 30 * 24 * 3_600_000;
/** Clocks of clients may lag by this much. */
const clockSkewMs = 5 * 60_000;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const generateKeys = promisify(generateKeyPair);

/**
 * Reads the cluster's keys from `folder`, making what is missing, about to expire or no longer right for `hosts`.
 * @param options.hosts names and addresses under which clients reach the API server
 * @param options.nodeHosts names and addresses under which the API server reaches the node
 */
export async function openClusterKeys(
  folder: string,
  options: {
    readonly clock: Clock;
    readonly hosts: readonly string[];
    readonly nodeName: string;
    readonly nodeHosts: readonly string[];
  },
): Promise<ClusterKeys> {
  const { clock } = options;
  const serviceAccountKeyWanted = readOrMakeSigningKey(join(folder, "service-account.key"));
  const stored = await readPair(folder, "ca");
  const authority = stored ?? (await issueAuthority(clock));
  if (stored === undefined) await writePair(folder, "ca", authority);

  const pair = async (name: string, request: CertificateRequest): Promise<KeyPair> => {
    const kept = await readPair(folder, name);
    if (kept !== undefined && isStillGood(kept, authority, request, clock.nowMs())) return kept;
    const issued = await issueCertificate(authority, request, clock);
    await writePair(folder, name, issued);
    return issued;
  };
  const [apiServer, node, nodeClient, admin, serviceAccountKey] = await Promise.all([
    pair("apiserver", { commonName: "kube-apiserver", hosts: options.hosts, usages: ["server"] }),
    pair("node", {
      commonName: `system:node:${options.nodeName}`,
      organizations: ["system:nodes"],
      hosts: options.nodeHosts,
      usages: ["server", "client"],
    }),
    pair("apiserver-node-client", {
      commonName: "kube-apiserver-kubelet-client",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
    pair("admin", { commonName: "kubernetes-admin", organizations: ["system:masters"], usages: ["client"] }),
    serviceAccountKeyWanted,
  ]);
  const serviceAccountPublicKey = createPublicKey(serviceAccountKey).export({ type: "spki", format: "pem" }).toString();
  return { authority, apiServer, node, nodeClient, admin, serviceAccountKey, serviceAccountPublicKey };
}

function isStillGood(pair: KeyPair, authority: KeyPair, request: CertificateRequest, nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificate);
  if (certificate.validToDate.getTime() - nowMs < renewBeforeMs) return false;
  if (!certificate.verify(new X509Certificate(authority.certificate).publicKey)) return false;
  return (request.hosts ?? []).every((host) =>
    isIP(host) === 0 ? certificate.checkHost(host) !== undefined : certificate.checkIP(host) !== undefined,
  );
}

async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    readFileIfPresent(join(folder, `${name}.crt`)),
    readFileIfPresent(join(folder, `${name}.key`)),
  ]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writePrivateFile(join(folder, `${name}.key`), pair.key);
  await writePrivateFile(join(folder, `${name}.crt`), pair.certificate);
}

async function readOrMakeSigningKey(path: string): Promise<string> {
  const stored = await readFileIfPresent(path);
  if (stored !== undefined) return stored;
  const { privateKey } = await generateKeys("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writePrivateFile(path, pem);
  return pem;
}

async function issueAuthority(clock: Clock): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: "CN=k8ts-ca",
    notBefore: new Date(clock.nowMs() - clockSkewMs),
    notAfter: new Date(clock.nowMs() + authorityLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

/** Issues a certificate signed by `authority`. */
export async function issueCertificate(
  authority: KeyPair,
  request: CertificateRequest,
  clock: Clock,
): Promise<KeyPair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const names = (request.hosts ?? []).map((host) => ({ type: isIP(host) === 0 ? "dns" : "ip", value: host }) as const);
  const usages = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: new x509.Name([
      ...(request.organizations ?? []).map((organization) => ({ O: [organization] })),
      { CN: [request.commonName] },
    ]),
    issuer: issuer.subject,
    notBefore: new Date(clock.nowMs() - clockSkewMs),
    notAfter: new Date(clock.nowMs() + certificateLifeMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usages[usage])),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
}

/** Loaded only when something must be issued: a start with good keys does without it. */
async function loadX509(): Promise<typeof X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** Positive and random, so that no two certificates of a cluster share it. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, false, ["sign"]);
}
