import { describe, expect, it } from "vitest";
import { type ContainerdSettings, renderContainerdConfig } from "./render-config.ts";

const settings: ContainerdSettings = {
  rootFolder: "/data/root",
  stateFolder: "/data/state",
  socketPath: "/data/containerd.sock",
  snapshotter: "overlayfs",
  sandboxImage: "registry.k8s.io/pause:3.10",
  restrictOomScoreAdj: true,
  cniConfigFolder: "/data/cni",
  cniProgramFolder: "/usr/lib/cni",
  registryFolder: "/data/registries",
};

describe("containerd's configuration", () => {
  it("says where everything is and what the node needs", () => {
    expect(renderContainerdConfig(settings)).toMatchInlineSnapshot(`
      "version = 2
      root = "/data/root"
      state = "/data/state"
      disabled_plugins = ["io.containerd.snapshotter.v1.aufs","io.containerd.snapshotter.v1.btrfs","io.containerd.snapshotter.v1.devmapper","io.containerd.snapshotter.v1.zfs","io.containerd.internal.v1.restart","io.containerd.internal.v1.tracing","io.containerd.tracing.processor.v1.otlp","io.containerd.snapshotter.v1.native"]

      [grpc]
      address = "/data/containerd.sock"

      [debug]
      level = "warn"

      [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "registry.k8s.io/pause:3.10"
      restrict_oom_score_adj = true
      stream_server_address = "127.0.0.1"
      stream_server_port = "0"
      netns_mounts_under_state_dir = true
      enable_unprivileged_ports = true
      enable_unprivileged_icmp = true
      max_concurrent_downloads = 6
      stats_collect_period = 60

      [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/data/cni"

      [plugins."io.containerd.grpc.v1.cri".containerd]
      snapshotter = "overlayfs"
      default_runtime_name = "runc"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = "/data/state/runc"

      [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = "/data/registries"
      "
    `);
  });

  it("leaves out the snapshotter that is not used", () => {
    const disabled = (snapshotter: ContainerdSettings["snapshotter"]): string =>
      /^disabled_plugins.*$/m.exec(renderContainerdConfig({ ...settings, snapshotter }))?.[0] ?? "";
    expect([disabled("overlayfs").includes("v1.native"), disabled("overlayfs").includes("v1.overlayfs")]).toEqual([
      true,
      false,
    ]);
    expect([disabled("native").includes("v1.native"), disabled("native").includes("v1.overlayfs")]).toEqual([
      false,
      true,
    ]);
  });
});
