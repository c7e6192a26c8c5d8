import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import { readCertificateRequest } from "../../resources/certificate-request.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { ResourceAttributes } from "../attributes.ts";
import type { Authorizer } from "../authorization.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

const clientSigner = "kubernetes.io/kube-apiserver-client";

/**
 * Lets only those approve or deny certificate requests who may `approve` for the request's signer.
 * Source: Kubernetes documentation, "Admission Control", CertificateApproval.
 */
export function createCertificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    handles: (attributes, operation) => operation === "update" && isRequest(attributes, "approval"),
    validate(request) {
      const { signerName } = (request.oldObject as unknown as CertificateSigningRequest).spec;
      if (!mayFor(authorizer, request.attributes.user, "approve", signerName))
        throw refuse(request, `user not permitted to approve requests with signerName "${signerName}"`);
    },
  };
}

/**
 * Lets only those issue certificates who may `sign` for the request's signer.
 * Source: Kubernetes documentation, "Admission Control", CertificateSigning.
 */
export function createCertificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "CertificateSigning",
    handles: (attributes, operation) => operation === "update" && isRequest(attributes, "status"),
    validate(request) {
      const old = request.oldObject as unknown as CertificateSigningRequest;
      const { status } = request.object as unknown as CertificateSigningRequest;
      if (status.certificate === old.status.certificate && sameJson(status.conditions, old.status.conditions)) return;
      const { signerName } = old.spec;
      if (!mayFor(authorizer, request.attributes.user, "sign", signerName))
        throw refuse(request, `user not permitted to sign requests with signerName "${signerName}"`);
    },
  };
}

/**
 * Keeps everyone from asking for a client certificate of a member of system:masters.
 * Source: Kubernetes documentation, "Admission Control", CertificateSubjectRestriction.
 */
export function createCertificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: "CertificateSubjectRestriction",
    handles: (attributes, operation) => operation === "create" && isRequest(attributes, ""),
    validate(request) {
      const { spec } = request.object as unknown as CertificateSigningRequest;
      if (spec.signerName !== clientSigner) return;
      const subject = readCertificateRequest(spec.request);
      if (typeof subject === "string") throw refuse(request, `failed to parse CSR: ${subject}`);
      if (subject.organizations.includes("system:masters"))
        throw refuse(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
    },
  };
}

function isRequest({ group, resource, subresource }: ResourceAttributes, wanted: string): boolean {
  return group === "certificates.k8s.io" && resource === "certificatesigningrequests" && subresource === wanted;
}

/** The right may be given for one signer or for all signers of a domain. */
function mayFor(authorizer: Authorizer, user: UserInfo, verb: string, signerName: string): boolean {
  const [domain = ""] = signerName.split("/");
  return [signerName, `${domain}/*`].some(
    (name) =>
      authorizer.authorize({
        kind: "resource",
        user,
        verb,
        group: "certificates.k8s.io",
        version: "*",
        resource: "signers",
        subresource: "",
        namespace: "",
        name,
      }).outcome === "allow",
  );
}
