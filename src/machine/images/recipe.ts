/** How an image is made, without any registry: from Debian packages, from programs of this machine and from text. */
export interface ImageRecipe {
  /** Complete references under which manifests ask for it, for example `docker.io/library/nginx:1.25`. */
  readonly names: readonly string[];
  /** From the bottom up. */
  readonly layers: readonly LayerRecipe[];
  readonly config: ImageConfig;
}

/** How one layer is made. Equal recipes are built once. */
export type LayerRecipe =
  /** Debian packages with what they depend on, unpacked. Their maintainer scripts do not run. */
  | { readonly kind: "packages"; readonly packages: readonly string[] }
  /** Statically linked programs of this machine, by their path there. */
  | { readonly kind: "programs"; readonly programs: readonly ProgramCopy[] }
  | { readonly kind: "files"; readonly entries: readonly LayerEntry[] };

export interface ProgramCopy {
  readonly from: string;
  readonly to: string;
  /** Folder for links named as the program's own list of applets says, as busybox has it. */
  readonly appletFolder?: string;
}

/** A file, folder or link of a layer. Paths are relative: `etc/passwd`. */
export type LayerEntry =
  | { readonly path: string; readonly folder: true; readonly mode?: number; readonly uid?: number }
  | { readonly path: string; readonly linkTo: string }
  | { readonly path: string; readonly text: string; readonly mode?: number };

/** What a container of the image runs, in the words of the OCI image specification. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Labels?: Readonly<Record<string, string>>;
}
