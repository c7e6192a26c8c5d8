import { secrets } from "../api/resources.ts";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createAdmissionPlugins } from "./admission-plugins.ts";
import type { ServerContext, ServerParts } from "./api-server.ts";
import { createBootstrapTokenAuthenticator } from "./authentication/bootstrap-tokens.ts";
import { createLegacyTokenAuthenticator, lastUsedLabel } from "./authentication/legacy-tokens.ts";
import { createOpenidHandler } from "./authentication/openid.ts";
import { createSelfSubjectReviewResource, createTokenReviewResource } from "./authentication/reviews.ts";
import { createServiceAccountTokenAuthenticator } from "./authentication/service-account-tokens.ts";
import type { TokenKeys } from "./authentication/token-keys.ts";
import { createTokenRequestResource } from "./authentication/token-request.ts";
import { createAuthenticator, createTokenUnion, type TokenAuthenticator } from "./authenticator.ts";
import {
  createLocalSubjectAccessReviewResource,
  createSelfSubjectAccessReviewResource,
  createSubjectAccessReviewResource,
} from "./authorization/access-reviews.ts";
import { createSelfSubjectRulesReviewResource } from "./authorization/rules-review.ts";
import type { Authorizer } from "./authorization.ts";
import { reconcileDefaultPolicy } from "./default-policy.ts";
import { createNodeAuthorizer } from "./node-authorizer.ts";
import { createOpenapiHandler, type DocumentTools } from "./openapi-handler.ts";
import { createRbacAuthorizer, type RbacAuthorizer } from "./rbac-authorizer.ts";
import type { SpecialResource } from "./special-resource.ts";
import { ensureSystemPriorityClasses } from "./system-priority-classes.ts";
import { createUnionAuthorizer, mastersAuthorizer } from "./union-authorizer.ts";

/** Who issues service account tokens, unless told otherwise; it is also whom they are meant for. */
export const defaultIssuer = "https://kubernetes.default.svc.cluster.local";

/** As whom the API server itself writes: no rule holds it back. */
export const serverUser: UserInfo = {
  username: "system:apiserver",
  groups: [wellKnownGroups.masters, wellKnownGroups.authenticated],
};

export interface StandardPartsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly keys: TokenKeys;
  /** Default: `defaultIssuer`. */
  readonly issuer?: string;
  /** Whom tokens must be meant for. Default: the issuer alone. */
  readonly audiences?: readonly string[];
  /** Where clients reach this server, for example `https://10.0.0.1:6443`. */
  readonly externalUrl: string;
  /** For the OpenAPI documents. */
  readonly documents: DocumentTools;
  /** Further kinds of bearer token. */
  readonly tokens?: readonly TokenAuthenticator[];
}

/** The parts of a server that decides and admits as upstream does: certificates and tokens, nodes, RBAC, all plugins. */
export function createStandardParts(context: ServerContext, options: StandardPartsOptions): ServerParts {
  const { objects, table, schemas, version } = context;
  const { clock, random, logger, keys } = options;
  const issuer = options.issuer ?? defaultIssuer;
  const audiences = options.audiences ?? [issuer];
  const rbac = createRbacAuthorizer(objects);
  const authorizer = createUnionAuthorizer([mastersAuthorizer, createNodeAuthorizer(objects), rbac]);
  const tokenContext = { keys, issuer, audiences, objects, clock, random, logger };
  const tokens = createTokenUnion([
    createLegacyTokenAuthenticator({ ...tokenContext, onUsed: labelUsedSecret(context, logger) }),
    createServiceAccountTokenAuthenticator(tokenContext),
    createBootstrapTokenAuthenticator(tokenContext),
    ...(options.tokens ?? []),
  ]);
  return {
    authenticator: createAuthenticator({ tokens, logger }),
    authorizer,
    admission: createAdmissionPlugins({
      objects,
      authorizer,
      rbac,
      schemas,
      clock,
      random,
      client: () => context.client(serverUser),
    }),
    special: [createTokenRequestResource(tokenContext), ...createReviews(tokens, authorizer, rbac, clock)],
    paths: [
      createOpenidHandler({ keys, issuer, externalUrl: options.externalUrl }),
      createOpenapiHandler({ table, schemas, version, tools: options.documents, clock }),
    ],
  };
}

/**
 * Makes what every cluster has from its first start on: default roles and bindings, and the system's priority classes.
 * Runs at every start, before the server says that it is ready.
 * @throws {StatusError} when something cannot be written
 */
export async function reconcileDefaults(client: Client, logger: Logger, signal: AbortSignal): Promise<void> {
  await Promise.all([reconcileDefaultPolicy({ client, logger }, signal), ensureSystemPriorityClasses(client, signal)]);
}

function createReviews(
  tokens: TokenAuthenticator,
  authorizer: Authorizer,
  rbac: RbacAuthorizer,
  clock: Clock,
): readonly SpecialResource[] {
  return [
    createTokenReviewResource(tokens),
    createSelfSubjectReviewResource(clock),
    createSubjectAccessReviewResource(authorizer),
    createLocalSubjectAccessReviewResource(authorizer),
    createSelfSubjectAccessReviewResource(authorizer),
    createSelfSubjectRulesReviewResource(rbac),
  ];
}

/** Whether the label arrives does not matter to the request that used the token. */
function labelUsedSecret(
  context: ServerContext,
  logger: Logger,
): Parameters<typeof createLegacyTokenAuthenticator>[0]["onUsed"] {
  return ({ metadata: { namespace, name, uid } }, day) => {
    const patch = { metadata: { uid, labels: { [lastUsedLabel]: day } } };
    context
      .client(serverUser)
      .patch(secrets, { namespace, name }, "merge", patch)
      .catch((error: unknown) => logger.warn("token secret not labelled as used", { namespace, name, error }));
  };
}
