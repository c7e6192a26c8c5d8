import { type ParseArgsConfig, parseArgs } from "node:util";
import { type ClusterOptions, checkOptions, dataRoot, defaultOptions, OptionError } from "../cluster/options.ts";

/** A flag of the commands that deal with clusters. */
interface Flag {
  readonly name: string;
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
  readonly help: string;
}

const nameFlag: Flag = {
  name: "name",
  value: "NAME",
  help: "name of the cluster, of its context and of its folder (k8ts)",
};

/** Flags that say which cluster is meant. */
export const whichFlags: readonly Flag[] = [
  nameFlag,
  { name: "data-dir", value: "FOLDER", help: `folder for everything that the cluster keeps (${dataRoot}/NAME)` },
];

/** Flags that say how a cluster is made. */
export const clusterFlags: readonly Flag[] = [
  ...whichFlags,
  { name: "port", value: "PORT", help: "port of the API server (6443)" },
  { name: "node-port", value: "PORT", help: "port of the node's own server (10250)" },
  { name: "cluster-cidr", value: "RANGE", help: "addresses of pods (10.244.0.0/16)" },
  { name: "service-cidr", value: "RANGE", help: "addresses of Services (10.96.0.0/16)" },
  { name: "cluster-domain", value: "DOMAIN", help: "end of the names that DNS answers for (cluster.local)" },
  { name: "node-name", value: "NAME", help: "name of this node (the machine's)" },
  { name: "node-ip", value: "ADDRESS", help: "address of this node (that of the default route)" },
  { name: "kubeconfig", value: "FILE", help: "where the context is written ($KUBECONFIG, or ~/.kube/config)" },
];

/** What a command line says, by the names of flags. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Reads flags.
 * @throws {OptionError} when there is one that the command does not have
 */
export function readFlags(flags: readonly Flag[], parameters: readonly string[]): FlagValues {
  const known: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  for (const { name, value } of flags) known[name] = { type: value === undefined ? "boolean" : "string" };
  try {
    return parseArgs({ args: [...parameters], options: known, strict: true }).values as FlagValues;
  } catch (error) {
    throw new OptionError(`${(error as Error).message.split(". ")[0]}`, { cause: error });
  }
}

/** The lines of a help text that tell of flags. */
export function describeFlags(flags: readonly Flag[]): string {
  const shown = flags.map(({ name, value, help }) => ({
    left: `  --${name}${value === undefined ? "" : ` ${value}`}`,
    help,
  }));
  const width = Math.max(...shown.map(({ left }) => left.length)) + 2;
  return shown.map(({ left, help }) => `${left.padEnd(width)}${help}`).join("\n");
}

/**
 * The options that flags give, on top of defaults.
 * @throws {OptionError}
 */
export function optionsOf(values: FlagValues): ClusterOptions {
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const defaults = defaultOptions(text("name"));
  const options: ClusterOptions = {
    name: defaults.name,
    dataFolder: text("data-dir") ?? defaults.dataFolder,
    port: portOf("port", text("port")) ?? defaults.port,
    nodePort: portOf("node-port", text("node-port")) ?? defaults.nodePort,
    clusterCidr: text("cluster-cidr") ?? defaults.clusterCidr,
    serviceCidr: text("service-cidr") ?? defaults.serviceCidr,
    clusterDomain: text("cluster-domain") ?? defaults.clusterDomain,
    nodeName: text("node-name") ?? defaults.nodeName,
    nodeIp: text("node-ip"),
    kubeconfig: text("kubeconfig"),
  };
  checkOptions(options);
  return options;
}

function portOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new OptionError(`--${flag} takes a port between 1 and 65535, not "${text}"`);
  return port;
}
