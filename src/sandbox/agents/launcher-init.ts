/** The init containers of a launcher pod: the reader of the guest's serial console, and one per disk image. */
import { isDedicated } from './launcher-resources.ts';
import type { Container, Resources } from './objects.ts';
import type { Vmi } from './vmi.ts';

export const LAUNCHER_IMAGE = 'quay.io/kubevirt/virt-launcher:v1.9.0';

const SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 107,
};

/** The sidecar that prints the guest's serial console as its log. */
export function guestLogContainer(vmi: Vmi): Container {
  const log = `/var/run/kubevirt-private/${vmi.metadata.uid ?? ''}/virt-serial0-log`;
  return {
    name: 'guest-console-log',
    image: LAUNCHER_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/virt-tail'],
    args: ['--logfile', log],
    env: [{ name: 'VIRT_LAUNCHER_LOG_VERBOSITY', value: '2' }],
    resources: resources(vmi, { cpu: '5m', memory: '35M' }, { cpu: '15m', memory: '60M' }),
    restartPolicy: 'Always',
    securityContext: SECURITY,
    volumeMounts: [{ name: 'private', mountPath: '/var/run/kubevirt-private', readOnly: true }],
  };
}

/** One no-op container per image of a disk or kernel: it makes the kubelet pull it. */
export function imageContainers(vmi: Vmi): Container[] {
  const disks = (vmi.spec.volumes ?? []).flatMap((volume) =>
    volume.containerDisk === undefined ? [] : [{ name: volume.name, ...volume.containerDisk }],
  );
  const kernel = vmi.spec.domain.firmware?.kernelBoot?.container;
  const all = kernel === undefined ? disks : [...disks, { name: 'kernel-boot-volume', ...kernel }];
  return all.map(({ name, image, imagePullPolicy }) => ({
    name: `volume${name}`,
    image,
    imagePullPolicy: imagePullPolicy ?? 'IfNotPresent',
    command: ['/container-disk-binary/usr/bin/container-disk'],
    args: ['--no-op'],
    resources: withStorage(resources(vmi, { cpu: '1m', memory: '1M' }, { cpu: '10m', memory: '40M' })),
    securityContext: SECURITY,
    volumeMounts: [{ name: 'launcher-volume', mountPath: '/container-disk-binary', readOnly: true }],
  }));
}

/** Dedicated CPUs need a Guaranteed pod: there every container asks for its limits. */
function resources(vmi: Vmi, requests: Record<string, string>, limits: Record<string, string>): Resources {
  return { requests: isDedicated(vmi) ? { ...limits } : requests, limits };
}

function withStorage(resources: Resources): Resources {
  return { ...resources, requests: { ...resources.requests, 'ephemeral-storage': '50M' } };
}
