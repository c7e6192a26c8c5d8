import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate, Credentials } from "./authentication.ts";

/** The attribute of a certificate's subject that carries a user's uid. Source: Kubernetes documentation, "Authenticating". */
const uidAttribute = "1.3.6.1.4.1.57683.2";

/**
 * Reads the client certificate of a connection, once per connection. The listener must ask for certificates
 * (`requestCert`) and let the handshake pass without a good one (`rejectUnauthorized: false`).
 */
export function readPeerCertificate(socket: TLSSocket): Pick<Credentials, "certificate" | "badCertificate"> {
  const peer = socket.getPeerCertificate(false);
  if (peer === null || peer.raw === undefined) return {};
  if (!socket.authorized) return { badCertificate: `client certificate: ${String(socket.authorizationError)}` };
  return readSubject(new X509Certificate(peer.raw));
}

/** What a verified certificate says of its holder. */
export function readSubject(certificate: X509Certificate): Pick<Credentials, "certificate" | "badCertificate"> {
  const subject = certificate.toLegacyObject().subject as Readonly<Record<string, string | string[] | undefined>>;
  const uids = listOf(subject[uidAttribute]);
  if (uids.length > 1) return { badCertificate: `client certificate: expected 1 UID, but found ${uids.length}` };
  if (uids[0] === "") return { badCertificate: "client certificate: UID cannot be an empty string" };
  const read: ClientCertificate = {
    commonName: listOf(subject["CN"]).at(-1) ?? "",
    organizations: listOf(subject["O"]),
    ...(uids[0] === undefined ? {} : { uid: uids[0] }),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
  return { certificate: read };
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
