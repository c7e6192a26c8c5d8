import type { Draft } from "../../api/draft.ts";
import { selfSubjectReviews, tokenReviews } from "../../api/resources.ts";
import { badRequest } from "../../api/status-error.ts";
import type { TokenReview, UserInfo as UserInfoObject } from "../../api/types/authentication-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import { type Clock, formatTime } from "../../base/clock.ts";
import type { SpecialResource } from "../special-resource.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";

/** Answers whom a token stands for, and why it is refused. Source: authentication.k8s.io/v1 TokenReview. */
export function createTokenReviewResource(tokens: TokenAuthenticator): SpecialResource<TokenReview> {
  return {
    resource: tokenReviews,
    async create(_request, body) {
      const { token, audiences = [] } = body.spec;
      if (token === undefined || token === "") throw badRequest("token is required for TokenReview in authentication");
      return { ...body, status: await review(tokens, token, audiences) };
    },
  };
}

async function review(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
): Promise<Draft<TokenReview>["status"]> {
  try {
    const verified = await tokens.authenticate(token, audiences.length === 0 ? undefined : audiences);
    if (verified === undefined) return { user: {}, error: "invalid bearer token" };
    const meant = verified.audiences === undefined ? {} : { audiences: [...verified.audiences] };
    return { authenticated: true, user: describeUser(verified.user), ...meant };
  } catch (error) {
    if (error instanceof TokenError) return { user: {}, error: error.message };
    throw error;
  }
}

/** Answers as whom the request itself was made. Source: authentication.k8s.io/v1 SelfSubjectReview. */
export function createSelfSubjectReviewResource(clock: Clock): SpecialResource {
  return {
    resource: selfSubjectReviews,
    create: ({ attributes }) => ({
      kind: "SelfSubjectReview",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { creationTimestamp: formatTime(clock.nowMs()) },
      status: { userInfo: describeUser(attributes.user) },
    }),
  };
}

function describeUser({ username, uid, groups, extra }: UserInfo): Draft<UserInfoObject> {
  return {
    username,
    ...(uid === undefined || uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra: extra as Record<string, string[]> }),
  };
}
