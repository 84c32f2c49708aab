/** Volumes of a launcher pod and where its `compute` container sees them, in KubeVirt's order. */
import { LAUNCHER_IMAGE } from './launcher-init.ts';
import { hasVf } from './launcher-resources.ts';
import type { Volume, VolumeMount } from './objects.ts';
import type { Vmi, VmVolume } from './vmi.ts';

const SECRETS = '/var/run/kubevirt-private/secret';

/** Every volume of the launcher pod. */
export function launcherVolumes(vmi: Vmi): Volume[] {
  const kernel = vmi.spec.domain.firmware?.kernelBoot?.container;
  return [
    ...['private', 'public', 'sockets', 'virt-bin-share-dir', 'libvirt-runtime', 'ephemeral-disks'].map(empty),
    ...seedVolumes(vmi),
    ...(vmi.spec.volumes ?? []).flatMap(diskVolume),
    ...(kernel === undefined ? [] : [image('kernel-boot-volume', kernel.image, kernel.imagePullPolicy)]),
    image('launcher-volume', LAUNCHER_IMAGE, undefined),
    ...(hasHugepages(vmi) ? [{ name: 'hugepages', emptyDir: { medium: 'HugePages' } }, empty('hugetblfs-dir')] : []),
    empty('hotplug-disks'),
    ...(hasVf(vmi) ? [NETWORK_INFO] : []),
  ];
}

/** What the `compute` container mounts. */
export function computeMounts(vmi: Vmi): VolumeMount[] {
  const disks = (vmi.spec.volumes ?? []).filter((volume) => volume.containerDisk !== undefined);
  return [
    { name: 'private', mountPath: '/var/run/kubevirt-private' },
    { name: 'public', mountPath: '/var/run/kubevirt' },
    { name: 'ephemeral-disks', mountPath: '/var/run/kubevirt-ephemeral-disks' },
    { name: 'libvirt-runtime', mountPath: '/var/run/libvirt' },
    { name: 'sockets', mountPath: '/var/run/kubevirt/sockets' },
    ...(vmi.spec.volumes ?? []).flatMap(seedMounts),
    ...disks.map((disk, index) => ({
      name: disk.name,
      mountPath: `/var/run/kubevirt-image-volume/disk_${index}`,
      readOnly: true,
    })),
    ...(vmi.spec.domain.firmware?.kernelBoot?.container === undefined
      ? []
      : [{ name: 'kernel-boot-volume', mountPath: '/var/run/kubevirt-kernel-boot', readOnly: true }]),
    ...(hasHugepages(vmi)
      ? [
          { name: 'hugepages', mountPath: '/dev/hugepages' },
          { name: 'hugetblfs-dir', mountPath: '/dev/hugepages/libvirt/qemu' },
        ]
      : []),
    {
      name: 'hotplug-disks',
      mountPath: '/var/run/kubevirt/hotplug-disks',
      mountPropagation: 'HostToContainer',
    },
    ...(hasVf(vmi) ? [{ name: 'network-info-annotation', mountPath: '/etc/podinfo' }] : []),
  ];
}

const NETWORK_INFO: Volume = {
  name: 'network-info-annotation',
  downwardAPI: {
    items: [
      {
        path: 'network-info',
        fieldRef: { fieldPath: "metadata.annotations['kubevirt.io/network-info']" },
      },
    ],
  },
};

const empty = (name: string): Volume => ({ name, emptyDir: {} });

function hasHugepages(vmi: Vmi): boolean {
  return vmi.spec.domain.memory?.hugepages !== undefined;
}

function image(name: string, reference: string, policy: string | undefined): Volume {
  return { name, image: { reference, pullPolicy: policy ?? 'IfNotPresent' } };
}

function diskVolume(volume: VmVolume): Volume[] {
  const disk = volume.containerDisk;
  return disk === undefined ? [] : [image(volume.name, disk.image, disk.imagePullPolicy)];
}

/** Secrets of the cloud-init seeds: user data first, as KubeVirt lists them. */
function seedVolumes(vmi: Vmi): Volume[] {
  return (vmi.spec.volumes ?? []).flatMap(({ name, cloudInitNoCloud: seed }) => [
    ...secret(`${name}-udata`, seed?.secretRef?.name),
    ...secret(`${name}-ndata`, seed?.networkDataSecretRef?.name),
  ]);
}

function secret(name: string, secretName: string | undefined): Volume[] {
  return secretName === undefined ? [] : [{ name, secret: { secretName } }];
}

function seedMounts({ name, cloudInitNoCloud: seed }: VmVolume): VolumeMount[] {
  const mounts = (volume: string, files: string[]): VolumeMount[] =>
    files.map((file) => ({
      name: volume,
      mountPath: `${SECRETS}/${name}/${file}`,
      readOnly: true,
      subPath: file,
    }));
  return [
    ...(seed?.secretRef === undefined ? [] : mounts(`${name}-udata`, ['userdata', 'userData'])),
    ...(seed?.networkDataSecretRef === undefined ? [] : mounts(`${name}-ndata`, ['networkdata', 'networkData'])),
  ];
}
