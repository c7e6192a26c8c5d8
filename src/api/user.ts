/** Who makes a request. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Groups and users with a fixed meaning. Source: Kubernetes documentation, "Authenticating". */
export const wellKnownGroups = {
  authenticated: "system:authenticated",
  unauthenticated: "system:unauthenticated",
  masters: "system:masters",
  nodes: "system:nodes",
  serviceAccounts: "system:serviceaccounts",
  bootstrappers: "system:bootstrappers",
} as const;

/** The user that an unauthenticated request is made as. */
export const anonymous: UserInfo = { username: "system:anonymous", groups: [wellKnownGroups.unauthenticated] };

/** The user that a service account is. */
export function serviceAccountUser(namespace: string, name: string, uid?: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    ...(uid === undefined ? {} : { uid }),
    groups: [
      wellKnownGroups.serviceAccounts,
      `${wellKnownGroups.serviceAccounts}:${namespace}`,
      wellKnownGroups.authenticated,
    ],
  };
}
