import type { Input } from "../../src/api/draft.ts";
import type { ApiObject } from "../../src/api/metadata.ts";

type Minimal = Input<ApiObject> & { readonly [field: string]: unknown };

/** A certificate request for user jane, signed with a key that nobody has kept. */
const certificateRequest = btoa(`-----BEGIN CERTIFICATE REQUEST-----
MIHdMIGDAgEAMCExDTALBgNVBAMMBGphbmUxEDAOBgNVBAoMB3JlYWRlcnMwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAARGEPrnonp02qbeGrmtqO7McGM/TK+wawr8
MNrbdBYAa5WKfO/bzwwctdimVwYYkJdq1tqB3ClVamgBM0PPjWBzoAAwCgYIKoZI
zj0EAwIDSQAwRgIhAPm62l6+RIbrLWebT7pFIcyJlkrT8uGxZJYttbHCdQeMAiEA
6FCht2Hm0tD8BD9Q2HorG/ffjAL4S/VfqfFQZD0N9qg=
-----END CERTIFICATE REQUEST-----
`);

const template = {
  metadata: { labels: { app: "a" } },
  spec: { containers: [{ name: "c", image: "registry.k8s.io/pause:3.10" }] },
};
const selector = { matchLabels: { app: "a" } };
const scaleTarget = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const failurePolicy = "Fail";

/** For each kind, by resource and group, the least that kube-apiserver v1.36 accepts beside a name. */
export const minimalObjects: Readonly<Record<string, Minimal>> = {
  "validatingadmissionpolicies.admissionregistration.k8s.io": {
    spec: {
      failurePolicy,
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      validations: [{ expression: "true" }],
    },
  },
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": {
    spec: { policyName: "p", validationActions: ["Deny"] },
  },
  "validatingwebhookconfigurations.admissionregistration.k8s.io": {},
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": {},
  "mutatingadmissionpolicies.admissionregistration.k8s.io": {
    spec: {
      reinvocationPolicy: "Never",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
    },
  },
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io": { spec: { policyName: "p" } },
  "statefulsets.apps": { spec: { selector, template, serviceName: "s" } },
  "deployments.apps": { spec: { selector, template } },
  "daemonsets.apps": { spec: { selector, template } },
  "replicasets.apps": { spec: { selector, template } },
  "controllerrevisions.apps": { revision: 1, data: { a: 1 } },
  "horizontalpodautoscalers.autoscaling": { spec: { scaleTargetRef: scaleTarget, maxReplicas: 3 } },
  "jobs.batch": { spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } } },
  "cronjobs.batch": {
    spec: {
      schedule: "* * * * *",
      jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } } },
    },
  },
  "certificatesigningrequests.certificates.k8s.io": {
    spec: { request: certificateRequest, signerName: "example.com/signer", usages: ["client auth"] },
  },
  "leases.coordination.k8s.io": {},
  persistentvolumes: {
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/data" } },
  },
  persistentvolumeclaims: {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  pods: { spec: template.spec },
  podtemplates: { template },
  replicationcontrollers: { spec: { selector: { app: "a" }, template } },
  services: { spec: { ports: [{ port: 80 }] } },
  serviceaccounts: {},
  endpoints: {},
  nodes: {},
  namespaces: {},
  events: { involvedObject: { namespace: "default" } },
  limitranges: { spec: { limits: [] } },
  resourcequotas: {},
  secrets: {},
  configmaps: {},
  "endpointslices.discovery.k8s.io": { addressType: "IPv4", endpoints: [] },
  "events.events.k8s.io": {
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "example.com/controller",
    reportingInstance: "i",
    action: "Act",
    reason: "Because",
    type: "Normal",
    regarding: { namespace: "default" },
  },
  "flowschemas.flowcontrol.apiserver.k8s.io": {
    spec: { priorityLevelConfiguration: { name: "p" }, matchingPrecedence: 1000 },
  },
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": {
    spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
  },
  "networkpolicies.networking.k8s.io": { spec: { podSelector: {} } },
  "ingresses.networking.k8s.io": { spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } } },
  "ingressclasses.networking.k8s.io": { spec: { controller: "example.com/controller" } },
  "ipaddresses.networking.k8s.io": {
    metadata: { name: "10.99.0.1" },
    spec: { parentRef: { resource: "services", name: "s", namespace: "default" } },
  },
  "servicecidrs.networking.k8s.io": { spec: { cidrs: ["10.99.0.0/24"] } },
  "runtimeclasses.node.k8s.io": { handler: "runc" },
  "poddisruptionbudgets.policy": { spec: { selector, minAvailable: 1 } },
  "roles.rbac.authorization.k8s.io": { rules: [] },
  "rolebindings.rbac.authorization.k8s.io": {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
  },
  "clusterroles.rbac.authorization.k8s.io": { rules: [] },
  "clusterrolebindings.rbac.authorization.k8s.io": {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
  },
  "resourceslices.resource.k8s.io": {
    spec: {
      driver: "driver.example.com",
      nodeName: "n",
      pool: { name: "p", generation: 1, resourceSliceCount: 1 },
      devices: [],
    },
  },
  "resourceclaims.resource.k8s.io": {
    spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] } },
  },
  "deviceclasses.resource.k8s.io": { spec: {} },
  "resourceclaimtemplates.resource.k8s.io": {
    spec: { spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] } } },
  },
  "priorityclasses.scheduling.k8s.io": { value: 10 },
  "storageclasses.storage.k8s.io": { provisioner: "example.com/provisioner" },
  "volumeattachments.storage.k8s.io": {
    spec: { attacher: "driver.example.com", nodeName: "n", source: { persistentVolumeName: "pv" } },
  },
  "csidrivers.storage.k8s.io": { spec: {} },
  "csinodes.storage.k8s.io": { spec: { drivers: [] } },
  "csistoragecapacities.storage.k8s.io": { storageClassName: "s" },
  "volumeattributesclasses.storage.k8s.io": { driverName: "driver.example.com", parameters: { iops: "1" } },
  "customresourcedefinitions.apiextensions.k8s.io": {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  },
  "apiservices.apiregistration.k8s.io": {
    metadata: { name: "v1.example.com" },
    spec: {
      group: "example.com",
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { namespace: "default", name: "s" },
      insecureSkipTLSVerify: true,
    },
  },
};
