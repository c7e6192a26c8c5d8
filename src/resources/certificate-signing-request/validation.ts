import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import { readCertificateRequest } from "../certificate-request.ts";
import { sameValue } from "../field-checks.ts";
import { findCertificateFault } from "./certificate-chain.ts";
import { decisions, lastingConditions } from "./conditions.ts";
import { checkSignerName } from "./signer-name.ts";

type Request = CertificateSigningRequest;

/** Through which resource a request is changed. */
export type RequestChange = "plain" | "status" | "approval";

const usages: readonly string[] = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const knownUsages: ReadonlySet<string> = new Set(usages);
const legacySigner = "kubernetes.io/legacy-unknown";
const minLifeSeconds = 600;
const specPath = FieldPath.of("spec");
const conditionsPath = FieldPath.of("status").child("conditions");
const certificatePath = FieldPath.of("status").child("certificate");

/** What is wrong with a new request, but for its signature, which takes time to check. */
export function validateNewRequest(request: Request): FieldError[] {
  return checkRequest(request, undefined);
}

/** What is wrong with a change. Faults that the old request has already are let pass. */
export function validateRequestUpdate(request: Request, old: Request, change: RequestChange): FieldError[] {
  const errors = checkRequest(request, old);
  for (const type of lastingConditions)
    if (conditionsOf(request, type).length < conditionsOf(old, type).length)
      errors.push(fieldError.forbidden(conditionsPath, `updates may not remove a condition of type "${type}"`));
  if (change !== "approval") checkDecisionsKept(errors, request, old);
  const before = old.status.certificate ?? "";
  if ((request.status.certificate ?? "") !== before) {
    if (change !== "status")
      errors.push(fieldError.forbidden(certificatePath, "updates may not set certificate content"));
    else if (before !== "")
      errors.push(fieldError.forbidden(certificatePath, "updates may not modify existing certificate content"));
  }
  return errors;
}

function checkDecisionsKept(errors: FieldError[], request: Request, old: Request): void {
  for (const type of decisions) {
    const before = conditionsOf(old, type);
    const after = conditionsOf(request, type);
    if (after.length < before.length) continue;
    if (after.length > before.length)
      errors.push(fieldError.forbidden(conditionsPath, `updates may not add a condition of type "${type}"`));
    else if (!sameValue(before, after))
      errors.push(fieldError.forbidden(conditionsPath, `updates may not modify a condition of type "${type}"`));
  }
}

function conditionsOf({ status }: Request, type: string): NonNullable<Request["status"]["conditions"]> {
  return status.conditions?.filter((condition) => condition.type === type) ?? [];
}

function checkRequest(request: Request, old: Request | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = request;
  const read = readCertificateRequest(spec.request);
  if (typeof read === "string") errors.push(fieldError.invalid(specPath.child("request"), spec.request, read));
  checkUsages(errors, spec.usages ?? [], old?.spec.usages ?? []);
  const signerPath = specPath.child("signerName");
  if (spec.signerName === legacySigner && old?.spec.signerName !== legacySigner)
    errors.push(
      fieldError.invalid(signerPath, spec.signerName, "the legacy signerName is not allowed via this API version"),
    );
  else checkSignerName(errors, signerPath, spec.signerName);
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < minLifeSeconds)
    errors.push(
      fieldError.invalid(
        specPath.child("expirationSeconds"),
        spec.expirationSeconds,
        "may not specify a duration less than 600 seconds (10 minutes)",
      ),
    );
  checkConditions(errors, request, old);
  checkCertificate(errors, request, old);
  return errors;
}

function checkUsages(errors: FieldError[], given: readonly string[], before: readonly string[]): void {
  const path = specPath.child("usages");
  if (given.length === 0) errors.push(fieldError.required(path));
  if (before.every((usage) => knownUsages.has(usage)))
    for (const [index, usage] of given.entries())
      if (!knownUsages.has(usage)) errors.push(fieldError.notSupported(path.index(index), usage, usages));
  if (hasRepeats(before)) return;
  for (const [index, usage] of given.entries())
    if (given.indexOf(usage) < index) errors.push(fieldError.duplicate(path.index(index), usage));
}

function checkConditions(errors: FieldError[], { status }: Request, old: Request | undefined): void {
  const before = old?.status.conditions?.map(({ type }) => type) ?? [];
  const isDecidedTwice = decisions.every((type) => before.includes(type));
  const seen = new Set<string>();
  for (const [index, condition] of (status.conditions ?? []).entries()) {
    const path = conditionsPath.index(index);
    const { type } = condition;
    if (type === "" && !before.includes("")) errors.push(fieldError.required(path.child("type")));
    const allowed = lastingConditions.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (condition.status === "") errors.push(fieldError.required(path.child("status")));
    else if (!allowed.includes(condition.status))
      errors.push(fieldError.notSupported(path.child("status"), condition.status, allowed));
    const opposite = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : undefined;
    if (opposite !== undefined && seen.has(opposite) && !isDecidedTwice)
      errors.push(fieldError.invalid(conditionsPath, type, "Approved and Denied conditions are mutually exclusive"));
    if (seen.has(type) && !hasRepeats(before)) errors.push(fieldError.duplicate(path.child("type"), type));
    seen.add(type);
  }
}

function checkCertificate(errors: FieldError[], { status }: Request, old: Request | undefined): void {
  const before = old?.status.certificate ?? "";
  const certificate = status.certificate ?? "";
  if (old !== undefined && (certificate === before || findCertificateFault(before) !== undefined)) return;
  const fault = findCertificateFault(certificate);
  if (fault !== undefined) errors.push(fieldError.invalid(certificatePath, "<certificate data>", fault));
}

function hasRepeats(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}
