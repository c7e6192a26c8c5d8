/** What containerd is told. Folders are absolute paths. */
export interface ContainerdSettings {
  readonly rootFolder: string;
  readonly stateFolder: string;
  readonly socketPath: string;
  readonly snapshotter: "overlayfs" | "native";
  readonly sandboxImage: string;
  /** Set where the process lacks CAP_SYS_RESOURCE: containers then never get a lower score than containerd's own. */
  readonly restrictOomScoreAdj: boolean;
  readonly cniConfigFolder: string;
  readonly cniProgramFolder: string;
  /** Read anew with each pull: `<registry>/hosts.toml`. */
  readonly registryFolder: string;
}

/** Snapshotters, runtimes and services that no node of ours uses. Each one left out is a little less to start. */
const unusedPlugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.restart",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
];

/** Renders containerd's configuration file, version 2. Source: containerd 1.6, "CRI Plugin Config Guide". */
export function renderContainerdConfig(settings: ContainerdSettings): string {
  const disabled = [
    ...unusedPlugins,
    ...(settings.snapshotter === "overlayfs"
      ? ["io.containerd.snapshotter.v1.native"]
      : ["io.containerd.snapshotter.v1.overlayfs"]),
  ];
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return renderToml([
    [
      "",
      {
        version: 2,
        root: settings.rootFolder,
        state: settings.stateFolder,
        disabled_plugins: disabled,
      },
    ],
    ["grpc", { address: settings.socketPath }],
    ["debug", { level: "warn" }],
    [
      cri,
      {
        sandbox_image: settings.sandboxImage,
        restrict_oom_score_adj: settings.restrictOomScoreAdj,
        stream_server_address: "127.0.0.1",
        stream_server_port: "0",
        // Network namespaces stand below the state folder, so that they vanish with it.
        netns_mounts_under_state_dir: true,
        // As upstream's pods expect: anyone may listen below port 1024 and send pings in a network of their own.
        enable_unprivileged_ports: true,
        enable_unprivileged_icmp: true,
        max_concurrent_downloads: 6,
        // Seconds between two walks through what containers have written; the default of 10 costs idle time.
        stats_collect_period: 60,
      },
    ],
    [`${cri}.cni`, { bin_dir: settings.cniProgramFolder, conf_dir: settings.cniConfigFolder }],
    [`${cri}.containerd`, { snapshotter: settings.snapshotter, default_runtime_name: "runc" }],
    [`${cri}.containerd.runtimes.runc`, { runtime_type: "io.containerd.runc.v2" }],
    // runc's own state would otherwise be shared with every other containerd of the machine.
    [`${cri}.containerd.runtimes.runc.options`, { SystemdCgroup: false, Root: `${settings.stateFolder}/runc` }],
    [`${cri}.registry`, { config_path: settings.registryFolder }],
  ]);
}

type TomlValue = string | number | boolean | readonly string[];

function renderToml(
  sections: readonly (readonly [name: string, values: Readonly<Record<string, TomlValue>>])[],
): string {
  return sections
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
      return `${name === "" ? "" : `[${name}]\n`}${lines.join("")}`;
    })
    .join("\n");
}
