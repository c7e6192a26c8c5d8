/** What the standards ask of AppArmor and seccomp profiles. */
import { goQuote } from "../../../api/go-quote.ts";
import {
  type CheckedPod,
  distinct,
  inNumber,
  namedContainers,
  quoted,
  settersOf,
  type Violation,
} from "./security-check.ts";

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const seccompPodKey = "seccomp.security.alpha.kubernetes.io/pod";
const seccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";

/** AppArmor profiles must be the runtime's or one on the node. */
export function checkAppArmorProfile({ annotations, spec, containers }: CheckedPod): Violation | undefined {
  const podType = spec.securityContext?.appArmorProfile?.type;
  const isPodBad = podType !== undefined && !isConfining(podType);
  const bad = containers.flatMap(({ name, securityContext }) => {
    const type = securityContext?.appArmorProfile?.type;
    return type === undefined || isConfining(type) ? [] : { name, type };
  });
  const setters = [
    ...settersOf(
      isPodBad,
      bad.map(({ name }) => name),
    ),
  ];
  const values = [...distinct([...(isPodBad ? [podType] : []), ...bad.map(({ type }) => type)])];
  const annotated = Object.keys(annotations)
    .filter((key) => key.startsWith(appArmorPrefix) && !isConfiningAppArmor(annotations[key] as string))
    .map((key) => `${key}=${goQuote(annotations[key] as string)}`)
    .sort();
  if (annotated.length > 0) {
    values.push(...annotated);
    setters.push(inNumber(annotated.length, "annotation"));
  }
  if (setters.length === 0) return undefined;
  return {
    reason: inNumber(values.length, "forbidden AppArmor profile"),
    detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

/** Before 1.19 seccomp profiles were annotations. */
export function checkSeccompAnnotations({ annotations, containers }: CheckedPod): Violation | undefined {
  const keys = [seccompPodKey, ...containers.map(({ name }) => `${seccompPrefix}${name}`)];
  const bad = distinct(
    keys
      .filter((key) => annotations[key] !== undefined && !isConfiningSeccomp(annotations[key]))
      .map((key) => `${key}=${goQuote(annotations[key] as string)}`),
  );
  if (bad.length === 0) return undefined;
  return { reason: "seccompProfile", detail: `forbidden ${inNumber(bad.length, "annotation")} ${bad.join(", ")}` };
}

/** Seccomp profiles must be the runtime's or one on the node. */
export function checkSeccompProfile({ spec, containers }: CheckedPod): Violation | undefined {
  const podType = spec.securityContext?.seccompProfile?.type;
  const isPodBad = podType !== undefined && !isConfining(podType);
  const bad = containers.flatMap(({ name, securityContext }) => {
    const type = securityContext?.seccompProfile?.type;
    return type === undefined || isConfining(type) ? [] : { name, type };
  });
  const setters = settersOf(
    isPodBad,
    bad.map(({ name }) => name),
  );
  if (setters.length === 0) return undefined;
  const values = quoted(distinct([...(isPodBad ? [podType] : []), ...bad.map(({ type }) => type)]));
  return {
    reason: "seccompProfile",
    detail: `${setters.join(" and ")} must not set securityContext.seccompProfile.type to ${values}`,
  };
}

/** As `checkSeccompProfile`, and every container must have a profile, its own or the pod's. */
export function requireSeccompProfile(pod: CheckedPod): Violation | undefined {
  const wrong = checkSeccompProfile(pod);
  if (wrong !== undefined || pod.spec.securityContext?.seccompProfile !== undefined) return wrong;
  const bare = pod.containers.filter(({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (bare.length === 0) return undefined;
  const names = namedContainers(bare.map(({ name }) => name));
  return {
    reason: "seccompProfile",
    detail: `pod or ${names} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

function isConfining(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

function isConfiningAppArmor(profile: string): boolean {
  return profile === "" || profile === "runtime/default" || profile.startsWith("localhost/");
}

function isConfiningSeccomp(profile: string): boolean {
  return profile === "runtime/default" || profile === "docker/default" || profile.startsWith("localhost/");
}
