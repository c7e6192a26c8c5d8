const shortModes: readonly (readonly [string, string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

/** The annotation that named the class of a volume or claim before the field did. */
export const betaStorageClass = "volume.beta.kubernetes.io/storage-class";

/** Ways of access as tables show them, such as `RWO,ROX`. */
export function accessModesCell(modes: readonly string[] | undefined): string {
  return shortModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(",");
}

/** What volumes and claims say of their class. */
interface Classed {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly storageClassName?: string };
}

/** The class of a volume or claim; empty when it has none. The annotation, being older, wins. */
export function storageClassOf({ metadata, spec }: Classed): string {
  return metadata.annotations?.[betaStorageClass] ?? spec.storageClassName ?? "";
}
