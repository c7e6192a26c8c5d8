// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { Condition, ListMeta } from "./meta-v1.ts";
import type { StoredObjectMeta } from "../metadata.ts";

export interface IPAddress {
  readonly apiVersion: "networking.k8s.io/v1beta1";
  readonly kind: "IPAddress";
  readonly metadata: StoredObjectMeta;
  readonly spec: IPAddressSpec;
}

export interface IPAddressList {
  readonly apiVersion: "networking.k8s.io/v1beta1";
  readonly kind: "IPAddressList";
  readonly metadata: ListMeta;
  readonly items: readonly IPAddress[];
}

export interface IPAddressSpec {
  readonly parentRef?: ParentReference;
}

export interface ParentReference {
  readonly group?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface ServiceCIDR {
  readonly apiVersion: "networking.k8s.io/v1beta1";
  readonly kind: "ServiceCIDR";
  readonly metadata: StoredObjectMeta;
  readonly spec: ServiceCIDRSpec;
  readonly status: ServiceCIDRStatus;
}

export interface ServiceCIDRList {
  readonly apiVersion: "networking.k8s.io/v1beta1";
  readonly kind: "ServiceCIDRList";
  readonly metadata: ListMeta;
  readonly items: readonly ServiceCIDR[];
}

export interface ServiceCIDRSpec {
  readonly cidrs?: readonly string[];
}

export interface ServiceCIDRStatus {
  readonly conditions?: readonly Condition[];
}
