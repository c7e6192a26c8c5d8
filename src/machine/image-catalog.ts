import type { ImageConfig, ImageRecipe, LayerEntry, LayerRecipe } from "./images/recipe.ts";

/** Image of the process that holds a sandbox's namespaces. */
export const sandboxImage = "registry.k8s.io/pause:3.10";

/** Images that a new cluster has at hand before its first pod. The others are made when first asked for. */
export const essentialImages: readonly string[] = [sandboxImage, "docker.io/k8ts/hello:1.0"];

/** Every image that can be had without a registry, under the names that manifests and tutorials use. */
export function imageCatalog(): readonly ImageRecipe[] {
  return [
    pause(),
    ...busyboxTags.map((tag) => busybox(`docker.io/library/busybox:${tag}`)),
    ...registryBusyboxTags.map((tag) => busybox(`registry.k8s.io/busybox:${tag}`)),
    ...nginxTags.map((tag) => nginx(tag)),
    ...helloVersions.map((version) => hello(version)),
    ...curlTags.map((tag) => curl(tag)),
    ...perlTags.map((tag) => perl(tag)),
  ];
}

const busyboxTags = ["latest", "stable", "1", "1.28", "1.31", "1.34", "1.35", "1.36", "1.36.1", "1.37"];
/** Upstream's documentation uses these. */
const registryBusyboxTags = ["latest", "1.24", "1.27.2", "1.28"];
const nginxTags = [
  "latest",
  "stable",
  "mainline",
  "alpine",
  "1",
  "1.7.9",
  "1.14.2",
  "1.16.0",
  "1.16.1",
  "1.19",
  "1.20",
  "1.21",
  "1.22",
  "1.23",
  "1.24",
  "1.25",
  "1.26",
  "1.27",
];
const helloVersions = ["1.0", "2.0", "3.0"];
const curlTags = ["latest", "7.88.1", "8.5.0"];
const perlTags = ["latest", "5.34.0", "5.36"];

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function pause(): ImageRecipe {
  return {
    names: [sandboxImage],
    layers: [{ kind: "programs", programs: [{ from: "/usr/bin/catatonit", to: "pause" }] }],
    config: { Entrypoint: ["/pause", "-P"], Env: [searchPath], User: "65535:65535", WorkingDir: "/" },
  };
}

/** A shell with the usual tools, for images that would have none. */
const busyboxLayer: LayerRecipe = {
  kind: "programs",
  programs: [{ from: "/bin/busybox", to: "bin/busybox", appletFolder: "bin" }],
};

function busybox(name: string): ImageRecipe {
  return {
    names: [name],
    layers: [busyboxLayer, { kind: "files", entries: baseEntries([]) }],
    config: { Cmd: ["sh"], Env: [searchPath], Labels: labelsOf(name, "busybox-static") },
  };
}

const nginxLayers: readonly LayerRecipe[] = [{ kind: "packages", packages: ["nginx-light"] }, busyboxLayer];

/** As the official image behaves: logs to the container's output, site in /usr/share/nginx/html, graceful on SIGQUIT. */
function nginx(tag: string): ImageRecipe {
  const name = `docker.io/library/nginx:${tag}`;
  const entries: LayerEntry[] = [
    ...baseEntries([
      { name: "www-data", id: 33 },
      { name: "nginx", id: 101 },
    ]),
    { path: "etc/nginx/nginx.conf", text: nginxConf },
    { path: "etc/nginx/conf.d/default.conf", text: nginxDefaultSite },
    { path: "usr/share/nginx/html/50x.html", text: "<h1>An error occurred.</h1>\n" },
    { path: "var/cache/nginx", folder: true },
    { path: "var/log/nginx/access.log", linkTo: "/dev/stdout" },
    { path: "var/log/nginx/error.log", linkTo: "/dev/stderr" },
  ];
  return {
    names: [name],
    layers: [...nginxLayers, { kind: "files", entries }],
    config: {
      Entrypoint: [],
      Cmd: ["nginx", "-g", "daemon off;"],
      Env: [searchPath],
      ExposedPorts: { "80/tcp": {} },
      StopSignal: "SIGQUIT",
      Labels: labelsOf(name, "nginx-light"),
    },
  };
}

const nginxConf = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events {
  worker_connections 1024;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

const nginxDefaultSite = `server {
  listen 80;
  listen [::]:80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
  error_page 500 502 503 504 /50x.html;
  location = /50x.html {
    root /usr/share/nginx/html;
  }
}
`;

/** Answers every request on port 8080 with its version and the name of its pod. Runs as nobody. */
function hello(version: string): ImageRecipe {
  const name = `docker.io/k8ts/hello:${version}`;
  return {
    names: [name],
    layers: [
      ...nginxLayers,
      { kind: "files", entries: [...baseEntries([]), { path: "etc/hello.conf", text: helloConf(version) }] },
    ],
    config: {
      Entrypoint: ["nginx", "-c", "/etc/hello.conf"],
      Env: [searchPath],
      User: "65534:65534",
      ExposedPorts: { "8080/tcp": {} },
      StopSignal: "SIGQUIT",
      Labels: labelsOf(name, "nginx-light"),
    },
  };
}

function helloConf(version: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
worker_processes 1;
error_log /dev/stderr warn;
pid /tmp/hello.pid;
events {
  worker_connections 1024;
}
http {
  access_log /dev/stdout;
  default_type text/plain;
${temporary.map((kind) => `  ${kind}_temp_path /tmp/${kind};`).join("\n")}
  server {
    listen 8080;
    listen [::]:8080;
    location / {
      return 200 "Hello, world! Version: ${version} Hostname: $hostname\\n";
    }
  }
}
`;
}

function curl(tag: string): ImageRecipe {
  const name = `docker.io/curlimages/curl:${tag}`;
  return {
    names: [name],
    layers: [
      { kind: "packages", packages: ["curl"] },
      busyboxLayer,
      { kind: "files", entries: baseEntries([{ name: "curl_user", id: 100 }]) },
    ],
    config: { Entrypoint: ["curl"], Env: [searchPath], User: "100:100", Labels: labelsOf(name, "curl") },
  };
}

function perl(tag: string): ImageRecipe {
  const name = `docker.io/library/perl:${tag}`;
  return {
    names: [name],
    layers: [{ kind: "packages", packages: ["perl"] }, busyboxLayer, { kind: "files", entries: baseEntries([]) }],
    config: { Cmd: ["perl", "-de0"], Env: [searchPath], Labels: labelsOf(name, "perl") },
  };
}

/** The name a tag promises and the package that is really inside may differ in version: the image says so itself. */
function labelsOf(name: string, debianPackage: string): ImageConfig["Labels"] {
  return {
    "org.opencontainers.image.ref.name": name,
    "org.opencontainers.image.description": `Made by k8ts from Debian's package ${debianPackage}, whatever version the tag names`,
  };
}

/** Users, run folders and links that maintainer scripts would have made. */
function baseEntries(users: readonly { readonly name: string; readonly id: number }[]): LayerEntry[] {
  const all = [...users, { name: "nobody", id: 65_534 }];
  const passwd = all.map(({ name, id }) => `${name}:x:${id}:${id}:${name}:/:/bin/false\n`).join("");
  const group = all.map(({ name, id }) => `${id === 65_534 ? "nogroup" : name}:x:${id}:\n`).join("");
  return [
    { path: "etc/passwd", text: `root:x:0:0:root:/root:/bin/sh\n${passwd}` },
    { path: "etc/group", text: `root:x:0:\ntty:x:5:\n${group}` },
    { path: "etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files dns\n" },
    { path: "root", folder: true, mode: 0o700 },
    { path: "run", folder: true },
    { path: "tmp", folder: true, mode: 0o1777 },
    { path: "var", folder: true },
    { path: "var/tmp", folder: true, mode: 0o1777 },
  ];
}
