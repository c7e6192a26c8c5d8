import type { FieldPath } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import type { ContainerPort, EnvVar, PodSpec } from "../../../api/types/core-v1.ts";
import { forEachContainer } from "../validation/each-container.ts";
import { warnOfFractions } from "./fraction-warnings.ts";

interface PlacedPort {
  readonly port: ContainerPort;
  readonly place: FieldPath;
}

/** Says what is allowed in containers and yet hardly meant. */
export function warnOfContainers(warnings: string[], specPath: FieldPath, spec: PodSpec): void {
  forEachContainer(spec, specPath, (container, path) => {
    const { limits, requests } = container.resources;
    for (const name of ["memory", "ephemeral-storage"]) {
      if (limits !== undefined) warnOfFractions(warnings, path().child("resources").child("limits"), limits, name);
      if (requests !== undefined)
        warnOfFractions(warnings, path().child("resources").child("requests"), requests, name);
    }
    if (container.env !== undefined) warnOfHiddenVariables(warnings, path().child("env"), container.env);
  });
  warnOfPorts(warnings, specPath, spec);
  const names = new Map<string, FieldPath>();
  forEachContainer(spec, specPath, (container, path) => {
    for (const [index, { name = "" }] of (container.ports ?? []).entries()) {
      if (name === "") continue;
      const place = path().child("ports").index(index);
      const other = names.get(name);
      if (other === undefined) names.set(name, place);
      else
        warnings.push(
          `${place}: duplicate port name ${goQuote(name)} with ${other}, services and probes that select ports by name will use ${other}`,
        );
    }
  });
}

function warnOfHiddenVariables(warnings: string[], path: FieldPath, variables: readonly EnvVar[]): void {
  if (variables.length < 2) return;
  const names = new Set<string>();
  for (const [index, { name, value = "", valueFrom }] of variables.entries()) {
    const reference = `$(${name})`;
    // A value that refers to the one before and adds to it hides nothing.
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (names.has(name) && hides)
      warnings.push(
        `${path.index(index)}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`,
      );
    names.add(name);
  }
}

function warnOfPorts(warnings: string[], specPath: FieldPath, spec: PodSpec): void {
  const known = new Map<string, PlacedPort[]>();
  forEachContainer(spec, specPath, (container, path) => {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const { hostIP = "", hostPort = 0 } = port;
      const place = path().child("ports").index(index);
      if (hostIP !== "" && hostPort === 0) warnings.push(`${place}: hostIP set without hostPort: ${portForm(port)}`);
      const key = `${port.containerPort}/${port.protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const clash = clashOf(port, other.port);
        if (clash !== undefined) warnings.push(`${place}: ${clash} port definition with ${other.place}`);
      }
      known.set(key, [...others, { port, place }]);
    }
  });
}

/** How two definitions of one port get in each other's way; undefined when they don't. */
function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  const { hostIP = "", hostPort = 0 } = port;
  const { hostIP: otherIp = "", hostPort: otherPort = 0 } = other;
  if (hostIP === otherIp && hostPort === otherPort) return "duplicate";
  if (hostPort === 0 || otherPort === 0) return "overlapping";
  const oneIsEverywhere = (hostIP === "") !== (otherIp === "");
  return hostPort === otherPort && oneIsEverywhere ? "dangerously ambiguous" : undefined;
}

function portForm(port: ContainerPort): string {
  const { name = "", hostPort = 0, containerPort, protocol = "", hostIP = "" } = port;
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}
