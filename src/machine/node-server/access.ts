import type { UserInfo } from "../../api/user.ts";

/** What a request does, as the cluster's rules see it: a verb on a sub-resource of the Node. */
export interface NodeAccess {
  readonly verb: string;
  readonly subresource: string;
  readonly path: string;
}

/** Who is calling and may they: answered by the cluster. */
export interface NodeAuthority {
  /** @returns undefined when the credentials are nobody's */
  authenticate(credentials: NodeCredentials, signal: AbortSignal): Promise<UserInfo | undefined>;
  authorize(user: UserInfo, access: NodeAccess, signal: AbortSignal): Promise<boolean>;
}

/** What a connection and a request bring along to prove who is calling. */
export interface NodeCredentials {
  /** The subject of a client certificate that the cluster's authority has signed. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
  readonly bearerToken?: string;
}

/** A request that is refused; `message` is the whole answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * What may allow a request, the most exact first: any one of them is enough.
 * Source: KEP-2862, fine-grained authorisation of the kubelet's API.
 */
export function planAccess(method: string, path: string): readonly NodeAccess[] {
  const verb = verbs[method] ?? "";
  const access = (subresource: string): NodeAccess => ({ verb, subresource, path });
  const fine = fineSubresources.find(([folder]) => isBelow(path, folder));
  const coarse = coarseSubresources.find(([folder]) => isBelow(path, folder));
  return [...(fine === undefined ? [] : [access(fine[1])]), access(coarse?.[1] ?? "proxy")];
}

const fineSubresources = [
  ["/pods", "pods"],
  ["/healthz", "healthz"],
  ["/configz", "configz"],
  ["/runningpods", "pods"],
] as const;

const coarseSubresources = [
  ["/stats", "stats"],
  ["/metrics", "metrics"],
  ["/logs", "log"],
  ["/checkpoint", "checkpoint"],
  ["/statusz", "statusz"],
  ["/flagz", "configz"],
] as const;

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Lets a request pass. @throws {Refusal} in the kubelet's words */
export async function checkAccess(
  authority: NodeAuthority,
  credentials: NodeCredentials,
  request: { readonly method: string; readonly path: string },
  signal: AbortSignal,
): Promise<UserInfo> {
  const user = await authority.authenticate(credentials, signal).catch((error: unknown) => {
    // Bad credentials and a cluster that cannot be asked end the same way: nobody is known to be calling.
    throw new Refusal(401, "Unauthorized", { cause: error });
  });
  if (user === undefined) throw new Refusal(401, "Unauthorized");
  const ways = planAccess(request.method, request.path);
  for (const way of ways) if (await isAllowed(authority, user, way, signal)) return user;
  const names = ways.map((way) => way.subresource).join(" ");
  throw new Refusal(
    403,
    `Forbidden (user=${user.username}, verb=${ways[0]?.verb}, resource=nodes, subresource(s)=[${names}])\n`,
  );
}

async function isAllowed(
  authority: NodeAuthority,
  user: UserInfo,
  way: NodeAccess,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await authority.authorize(user, way, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { username } = user;
    const where = `(user=${username}, verb=${way.verb}, resource=nodes, subresource=${way.subresource})`;
    throw new Refusal(500, `Authorization error ${where}`, { cause: error });
  }
}
