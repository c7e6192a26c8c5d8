/** An image reference taken apart. Source: the reference grammar of the distribution project. */
export interface ImageName {
  /** With registry and full path, for example `docker.io/library/nginx`. */
  readonly repository: string;
  /** `latest` when neither a tag nor a digest is given; empty when only a digest is. */
  readonly tag: string;
  /** For example `sha256:...`; empty when none is given. */
  readonly digest: string;
}

const defaultDomain = "docker.io";
const domainComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathComponent = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const digestForm = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const referencePattern = new RegExp(
  `^(${domain}/${pathComponent}(?:/${pathComponent})*)(?::(\\w[\\w.-]{0,127}))?(?:@(${digestForm}))?$`,
);
const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
const identifierPattern = /^[a-f0-9]{64}$/;
const maxRepositoryPathBytes = 255;
/** Longer texts are no references: the grammar's parts cannot fill them. */
const maxReferenceLength = 4096;

/** Takes an image reference apart; undefined when it is malformed. */
export function parseImageName(image: string): ImageName | undefined {
  if (image.length > maxReferenceLength || identifierPattern.test(image)) return undefined;
  const match = referencePattern.exec(withDomain(image));
  if (match === null) return undefined;
  const [, repository = "", tag = "", digest = ""] = match;
  if (repository.length - repository.indexOf("/") - 1 > maxRepositoryPathBytes) return undefined;
  if (digest !== "" && !digestPattern.test(digest)) return undefined;
  return { repository, tag: tag === "" && digest === "" ? "latest" : tag, digest };
}

/** What pull policy an image gets that is given none: `Always` for the tag `latest`, also when it is only implied. */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  return parseImageName(image)?.tag === "latest" ? "Always" : "IfNotPresent";
}

/** Familiar names stand for images of the default registry: `nginx` is `docker.io/library/nginx`. */
function withDomain(image: string): string {
  const slash = image.indexOf("/");
  if (slash < 0) return `${defaultDomain}/library/${image}`;
  const first = image.slice(0, slash);
  const rest = image.slice(slash + 1);
  const isDomain = first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
  const host = !isDomain || first === "index.docker.io" ? defaultDomain : first;
  const path = isDomain ? rest : image;
  return host === defaultDomain && !path.includes("/") ? `${host}/library/${path}` : `${host}/${path}`;
}
