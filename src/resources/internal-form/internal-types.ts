/**
 * How the API server names the fields of pod specs and others inside, in the order in which messages show them: `Name` or
 * `Name=json` when the JSON field is not the name with a small first letter, then the type, which is text when none is
 * given. `?` may be absent, `[]` is a list. Observed in messages and public type definitions of v1.36.
 */
export const internalTypes: Readonly<Record<string, string>> = {
  PodSpec:
    "Volumes []Volume, InitContainers []Container, Containers []Container, EphemeralContainers []EphemeralContainer, RestartPolicy, TerminationGracePeriodSeconds int?, ActiveDeadlineSeconds int?, DNSPolicy=dnsPolicy, NodeSelector map, ServiceAccountName, AutomountServiceAccountToken bool?, NodeName, SecurityContext PodSecurityContext?, ImagePullSecrets []LocalObjectReference, Hostname, Subdomain, SetHostnameAsFQDN bool?, Affinity Affinity?, SchedulerName, Tolerations []Toleration, HostAliases []HostAlias, PriorityClassName, Priority int?, PreemptionPolicy ?, DNSConfig=dnsConfig PodDNSConfig?, ReadinessGates []PodReadinessGate, RuntimeClassName ?, Overhead map, EnableServiceLinks bool?, TopologySpreadConstraints []TopologySpreadConstraint, OS=os PodOS?, SchedulingGates []PodSchedulingGate, ResourceClaims []PodResourceClaim, Resources ResourceRequirements?, HostnameOverride ?, SchedulingGroup PodSchedulingGroup?",
  Volume:
    "Name, HostPath HostPathVolumeSource?, EmptyDir EmptyDirVolumeSource?, GCEPersistentDisk=gcePersistentDisk GCEPersistentDiskVolumeSource?, AWSElasticBlockStore=awsElasticBlockStore AWSElasticBlockStoreVolumeSource?, GitRepo GitRepoVolumeSource?, Secret SecretVolumeSource?, NFS=nfs NFSVolumeSource?, ISCSI=iscsi ISCSIVolumeSource?, Glusterfs GlusterfsVolumeSource?, PersistentVolumeClaim PersistentVolumeClaimVolumeSource?, RBD=rbd RBDVolumeSource?, Quobyte QuobyteVolumeSource?, FlexVolume FlexVolumeSource?, Cinder CinderVolumeSource?, CephFS=cephfs CephFSVolumeSource?, Flocker FlockerVolumeSource?, DownwardAPI DownwardAPIVolumeSource?, FC=fc FCVolumeSource?, AzureFile AzureFileVolumeSource?, ConfigMap ConfigMapVolumeSource?, VsphereVolume VsphereVirtualDiskVolumeSource?, AzureDisk AzureDiskVolumeSource?, PhotonPersistentDisk PhotonPersistentDiskVolumeSource?, Projected ProjectedVolumeSource?, PortworxVolume PortworxVolumeSource?, ScaleIO ScaleIOVolumeSource?, StorageOS=storageos StorageOSVolumeSource?, CSI=csi CSIVolumeSource?, Ephemeral EphemeralVolumeSource?, Image ImageVolumeSource?",
  HostPathVolumeSource: "Path, Type ?",
  EmptyDirVolumeSource: "Medium, SizeLimit quantity?",
  GCEPersistentDiskVolumeSource: "PDName=pdName, FSType=fsType, Partition int, ReadOnly bool",
  AWSElasticBlockStoreVolumeSource: "VolumeID, FSType=fsType, Partition int, ReadOnly bool",
  GitRepoVolumeSource: "Repository, Revision, Directory",
  SecretVolumeSource: "SecretName, Items []KeyToPath, DefaultMode int?, Optional bool?",
  KeyToPath: "Key, Path, Mode int?",
  NFSVolumeSource: "Server, Path, ReadOnly bool",
  ISCSIVolumeSource:
    "TargetPortal, IQN=iqn, Lun int, ISCSIInterface=iscsiInterface, FSType=fsType, ReadOnly bool, Portals []string, DiscoveryCHAPAuth=chapAuthDiscovery bool, SessionCHAPAuth=chapAuthSession bool, SecretRef LocalObjectReference?, InitiatorName ?",
  LocalObjectReference: "Name",
  GlusterfsVolumeSource: "EndpointsName=endpoints, Path, ReadOnly bool",
  PersistentVolumeClaimVolumeSource: "ClaimName, ReadOnly bool",
  RBDVolumeSource:
    "CephMonitors=monitors []string, RBDImage=image, FSType=fsType, RBDPool=pool, RadosUser=user, Keyring, SecretRef LocalObjectReference?, ReadOnly bool",
  QuobyteVolumeSource: "Registry, Volume, ReadOnly bool, User, Group, Tenant",
  FlexVolumeSource: "Driver, FSType=fsType, SecretRef LocalObjectReference?, ReadOnly bool, Options map",
  CinderVolumeSource: "VolumeID, FSType=fsType, ReadOnly bool, SecretRef LocalObjectReference?",
  CephFSVolumeSource: "Monitors []string, Path, User, SecretFile, SecretRef LocalObjectReference?, ReadOnly bool",
  FlockerVolumeSource: "DatasetName, DatasetUUID",
  DownwardAPIVolumeSource: "Items []DownwardAPIVolumeFile, DefaultMode int?",
  DownwardAPIVolumeFile: "Path, FieldRef ObjectFieldSelector?, ResourceFieldRef ResourceFieldSelector?, Mode int?",
  ObjectFieldSelector: "APIVersion=apiVersion, FieldPath",
  ResourceFieldSelector: "ContainerName, Resource, Divisor quantity",
  FCVolumeSource: "TargetWWNs []string, Lun int?, FSType=fsType, ReadOnly bool, WWIDs=wwids []string",
  AzureFileVolumeSource: "SecretName, ShareName, ReadOnly bool",
  ConfigMapVolumeSource: "Name, Items []KeyToPath, DefaultMode int?, Optional bool?",
  VsphereVirtualDiskVolumeSource: "VolumePath, FSType=fsType, StoragePolicyName, StoragePolicyID",
  AzureDiskVolumeSource: "DiskName, DataDiskURI=diskURI, CachingMode ?, FSType=fsType ?, ReadOnly bool?, Kind ?",
  PhotonPersistentDiskVolumeSource: "PdID, FSType=fsType",
  ProjectedVolumeSource: "Sources []VolumeProjection, DefaultMode int?",
  VolumeProjection:
    "Secret SecretProjection?, DownwardAPI DownwardAPIProjection?, ConfigMap ConfigMapProjection?, ServiceAccountToken ServiceAccountTokenProjection?, ClusterTrustBundle ClusterTrustBundleProjection?, PodCertificate PodCertificateProjection?",
  SecretProjection: "Name, Items []KeyToPath, Optional bool?",
  DownwardAPIProjection: "Items []DownwardAPIVolumeFile",
  ConfigMapProjection: "Name, Items []KeyToPath, Optional bool?",
  ServiceAccountTokenProjection: "Audience, ExpirationSeconds int, Path",
  ClusterTrustBundleProjection: "Name ?, SignerName ?, LabelSelector json?, Optional bool?, Path",
  PodCertificateProjection:
    "SignerName, KeyType, MaxExpirationSeconds int?, CredentialBundlePath, KeyPath, CertificateChainPath, UserAnnotations map",
  PortworxVolumeSource: "VolumeID, FSType=fsType, ReadOnly bool",
  ScaleIOVolumeSource:
    "Gateway, System, SecretRef LocalObjectReference?, SSLEnabled=sslEnabled bool, ProtectionDomain, StoragePool, StorageMode, VolumeName, FSType=fsType, ReadOnly bool",
  StorageOSVolumeSource: "VolumeName, VolumeNamespace, FSType=fsType, ReadOnly bool, SecretRef LocalObjectReference?",
  CSIVolumeSource:
    "Driver, ReadOnly bool?, FSType=fsType ?, VolumeAttributes map, NodePublishSecretRef LocalObjectReference?",
  EphemeralVolumeSource: "VolumeClaimTemplate PersistentVolumeClaimTemplate?",
  PersistentVolumeClaimTemplate: "...metadata, Spec PersistentVolumeClaimSpec",
  PersistentVolumeClaimSpec:
    "AccessModes []string, Selector json?, Resources VolumeResourceRequirements, VolumeName, StorageClassName ?, VolumeMode ?, DataSource TypedLocalObjectReference?, DataSourceRef TypedObjectReference?, VolumeAttributesClassName ?",
  VolumeResourceRequirements: "Limits map, Requests map",
  TypedLocalObjectReference: "APIGroup=apiGroup ?, Kind, Name",
  TypedObjectReference: "APIGroup=apiGroup ?, Kind, Name, Namespace ?",
  ImageVolumeSource: "Reference, PullPolicy",
  Container:
    "Name, Image, Command []string, Args []string, WorkingDir, Ports []ContainerPort, EnvFrom []EnvFromSource, Env []EnvVar, Resources ResourceRequirements, ResizePolicy []ContainerResizePolicy, RestartPolicy ?, RestartPolicyRules []ContainerRestartRule, VolumeMounts []VolumeMount, VolumeDevices []VolumeDevice, LivenessProbe Probe?, ReadinessProbe Probe?, StartupProbe Probe?, Lifecycle Lifecycle?, TerminationMessagePath, TerminationMessagePolicy, ImagePullPolicy, SecurityContext SecurityContext?, Stdin bool, StdinOnce bool, TTY=tty bool",
  ContainerPort: "Name, HostPort int, ContainerPort int, Protocol, HostIP",
  EnvFromSource: "Prefix, ConfigMapRef ConfigMapEnvSource?, SecretRef SecretEnvSource?",
  ConfigMapEnvSource: "Name, Optional bool?",
  SecretEnvSource: "Name, Optional bool?",
  EnvVar: "Name, Value, ValueFrom EnvVarSource?",
  EnvVarSource:
    "FieldRef ObjectFieldSelector?, ResourceFieldRef ResourceFieldSelector?, ConfigMapKeyRef ConfigMapKeySelector?, SecretKeyRef SecretKeySelector?, FileKeyRef FileKeySelector?",
  ConfigMapKeySelector: "Name, Key, Optional bool?",
  SecretKeySelector: "Name, Key, Optional bool?",
  FileKeySelector: "VolumeName, Path, Key, Optional bool?",
  ResourceRequirements: "Limits map, Requests map, Claims []ResourceClaim",
  ResourceClaim: "Name, Request",
  ContainerResizePolicy: "ResourceName, RestartPolicy",
  ContainerRestartRule: "Action, ExitCodes ContainerRestartRuleOnExitCodes?",
  ContainerRestartRuleOnExitCodes: "Operator, Values []int",
  VolumeMount: "Name, ReadOnly bool, RecursiveReadOnly ?, MountPath, SubPath, MountPropagation ?, SubPathExpr",
  VolumeDevice: "Name, DevicePath",
  Probe:
    "Exec ExecAction?, HTTPGet=httpGet HTTPGetAction?, TCPSocket=tcpSocket TCPSocketAction?, GRPC=grpc GRPCAction?, InitialDelaySeconds int, TimeoutSeconds int, PeriodSeconds int, SuccessThreshold int, FailureThreshold int, TerminationGracePeriodSeconds int?",
  ExecAction: "Command []string",
  HTTPGetAction: "Path, Port intOrString, Host, Scheme, HTTPHeaders=httpHeaders []HTTPHeader",
  HTTPHeader: "Name, Value",
  TCPSocketAction: "Port intOrString, Host",
  GRPCAction: "Port int, Service ?",
  Lifecycle: "PostStart LifecycleHandler?, PreStop LifecycleHandler?, StopSignal ?",
  LifecycleHandler:
    "Exec ExecAction?, HTTPGet=httpGet HTTPGetAction?, TCPSocket=tcpSocket TCPSocketAction?, Sleep SleepAction?",
  SleepAction: "Seconds int",
  SecurityContext:
    "Capabilities Capabilities?, Privileged bool?, SELinuxOptions=seLinuxOptions SELinuxOptions?, WindowsOptions WindowsSecurityContextOptions?, RunAsUser int?, RunAsGroup int?, RunAsNonRoot bool?, ReadOnlyRootFilesystem bool?, AllowPrivilegeEscalation bool?, ProcMount ?, SeccompProfile SeccompProfile?, AppArmorProfile AppArmorProfile?",
  Capabilities: "Add []string, Drop []string",
  SELinuxOptions: "User, Role, Type, Level",
  WindowsSecurityContextOptions:
    "GMSACredentialSpecName=gmsaCredentialSpecName ?, GMSACredentialSpec=gmsaCredentialSpec ?, RunAsUserName ?, HostProcess bool?",
  SeccompProfile: "Type, LocalhostProfile ?",
  AppArmorProfile: "Type, LocalhostProfile ?",
  EphemeralContainer:
    "Name, Image, Command []string, Args []string, WorkingDir, Ports []ContainerPort, EnvFrom []EnvFromSource, Env []EnvVar, Resources ResourceRequirements, ResizePolicy []ContainerResizePolicy, RestartPolicy ?, RestartPolicyRules []ContainerRestartRule, VolumeMounts []VolumeMount, VolumeDevices []VolumeDevice, LivenessProbe Probe?, ReadinessProbe Probe?, StartupProbe Probe?, Lifecycle Lifecycle?, TerminationMessagePath, TerminationMessagePolicy, ImagePullPolicy, SecurityContext SecurityContext?, Stdin bool, StdinOnce bool, TTY=tty bool, TargetContainerName",
  PodSecurityContext:
    "HostNetwork bool, HostPID bool, HostIPC bool, ShareProcessNamespace bool?, HostUsers bool?, SELinuxOptions=seLinuxOptions SELinuxOptions?, WindowsOptions WindowsSecurityContextOptions?, RunAsUser int?, RunAsGroup int?, RunAsNonRoot bool?, SupplementalGroups []int, SupplementalGroupsPolicy ?, FSGroup=fsGroup int?, FSGroupChangePolicy=fsGroupChangePolicy ?, Sysctls []Sysctl, SeccompProfile SeccompProfile?, AppArmorProfile AppArmorProfile?, SELinuxChangePolicy=seLinuxChangePolicy ?",
  Sysctl: "Name, Value",
  Affinity: "NodeAffinity NodeAffinity?, PodAffinity PodAffinity?, PodAntiAffinity PodAntiAffinity?",
  NodeAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution NodeSelector?, PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm",
  NodeSelector: "NodeSelectorTerms []NodeSelectorTerm",
  NodeSelectorTerm: "MatchExpressions []NodeSelectorRequirement, MatchFields []NodeSelectorRequirement",
  NodeSelectorRequirement: "Key, Operator, Values []string",
  PreferredSchedulingTerm: "Weight int, Preference NodeSelectorTerm",
  PodAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm, PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm",
  PodAffinityTerm:
    "LabelSelector json?, Namespaces []string, TopologyKey, NamespaceSelector json?, MatchLabelKeys []string, MismatchLabelKeys []string",
  WeightedPodAffinityTerm: "Weight int, PodAffinityTerm PodAffinityTerm",
  PodAntiAffinity:
    "RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm, PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm",
  Toleration: "Key, Operator, Value, Effect, TolerationSeconds int?",
  HostAlias: "IP=ip, Hostnames []string",
  PodDNSConfig: "Nameservers []string, Searches []string, Options []PodDNSConfigOption",
  PodDNSConfigOption: "Name, Value ?",
  PodReadinessGate: "ConditionType",
  TopologySpreadConstraint:
    "MaxSkew int, TopologyKey, WhenUnsatisfiable, LabelSelector json?, MinDomains int?, NodeAffinityPolicy ?, NodeTaintsPolicy ?, MatchLabelKeys []string",
  PodOS: "Name",
  PodSchedulingGate: "Name",
  PodResourceClaim: "Name, ResourceClaimName ?, ResourceClaimTemplateName ?",
  PodSchedulingGroup: "PodGroupName ?",
  PodFailurePolicy: "Rules []PodFailurePolicyRule",
  PodFailurePolicyRule:
    "Action, OnExitCodes PodFailurePolicyOnExitCodesRequirement?, OnPodConditions []PodFailurePolicyOnPodConditionsPattern",
  PodFailurePolicyOnExitCodesRequirement: "ContainerName ?, Operator, Values []int",
  PodFailurePolicyOnPodConditionsPattern: "Type, Status",
  SuccessPolicy: "Rules []SuccessPolicyRule",
  SuccessPolicyRule: "SucceededIndexes ?, SucceededCount int?",
  UncountedTerminatedPods: "Succeeded []string, Failed []string",
  PersistentVolumeSource:
    "GCEPersistentDisk=gcePersistentDisk GCEPersistentDiskVolumeSource?, AWSElasticBlockStore=awsElasticBlockStore AWSElasticBlockStoreVolumeSource?, HostPath HostPathVolumeSource?, Glusterfs GlusterfsPersistentVolumeSource?, NFS=nfs NFSVolumeSource?, RBD=rbd RBDPersistentVolumeSource?, Quobyte QuobyteVolumeSource?, ISCSI=iscsi ISCSIPersistentVolumeSource?, FlexVolume FlexPersistentVolumeSource?, Cinder CinderPersistentVolumeSource?, CephFS=cephfs CephFSPersistentVolumeSource?, FC=fc FCVolumeSource?, Flocker FlockerVolumeSource?, AzureFile AzureFilePersistentVolumeSource?, VsphereVolume VsphereVirtualDiskVolumeSource?, AzureDisk AzureDiskVolumeSource?, PhotonPersistentDisk PhotonPersistentDiskVolumeSource?, PortworxVolume PortworxVolumeSource?, ScaleIO ScaleIOPersistentVolumeSource?, Local LocalVolumeSource?, StorageOS=storageos StorageOSPersistentVolumeSource?, CSI=csi CSIPersistentVolumeSource?",
  GlusterfsPersistentVolumeSource: "EndpointsName=endpoints, Path, ReadOnly bool, EndpointsNamespace ?",
  RBDPersistentVolumeSource:
    "CephMonitors=monitors []string, RBDImage=image, FSType=fsType, RBDPool=pool, RadosUser=user, Keyring, SecretRef SecretReference?, ReadOnly bool",
  CephFSPersistentVolumeSource: "Monitors []string, Path, User, SecretFile, SecretRef SecretReference?, ReadOnly bool",
  ISCSIPersistentVolumeSource:
    "TargetPortal, IQN=iqn, Lun int, ISCSIInterface=iscsiInterface, FSType=fsType, ReadOnly bool, Portals []string, DiscoveryCHAPAuth=chapAuthDiscovery bool, SessionCHAPAuth=chapAuthSession bool, SecretRef SecretReference?, InitiatorName ?",
  CinderPersistentVolumeSource: "VolumeID, FSType=fsType, ReadOnly bool, SecretRef SecretReference?",
  FlexPersistentVolumeSource: "Driver, FSType=fsType, SecretRef SecretReference?, ReadOnly bool, Options map",
  AzureFilePersistentVolumeSource: "SecretName, ShareName, ReadOnly bool, SecretNamespace ?",
  ScaleIOPersistentVolumeSource:
    "Gateway, System, SecretRef SecretReference?, SSLEnabled=sslEnabled bool, ProtectionDomain, StoragePool, StorageMode, VolumeName, FSType=fsType, ReadOnly bool",
  LocalVolumeSource: "Path, FSType=fsType ?",
  StorageOSPersistentVolumeSource:
    "VolumeName, VolumeNamespace, FSType=fsType, ReadOnly bool, SecretRef ObjectReference?",
  CSIPersistentVolumeSource:
    "Driver, VolumeHandle, ReadOnly bool, FSType=fsType, VolumeAttributes map, ControllerPublishSecretRef SecretReference?, NodeStageSecretRef SecretReference?, NodePublishSecretRef SecretReference?, ControllerExpandSecretRef SecretReference?, NodeExpandSecretRef SecretReference?",
  SecretReference: "Name, Namespace",
  ObjectReference: "Kind, Namespace, Name, UID=uid, APIVersion=apiVersion, ResourceVersion, FieldPath",
  VolumeNodeAffinity: "Required NodeSelector?",
};
