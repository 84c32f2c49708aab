/** Which images the sandbox has: those of pods that run the runner, and those that guests boot. Pure. */
import { LAUNCHER_IMAGE } from './launcher-init.ts';
import type { Container, Pod } from './objects.ts';

/** Patterns; a `*` stands for any text. */
export interface ImageRules {
  runner: string[];
  guest: string[];
}

export const IMAGES: ImageRules = { runner: ['vfbench.io/runner*'], guest: ['vfbench.io/guest*'] };

export interface MissingImage {
  container: string;
  image: string;
  policy: string;
}

/** The first image of a pod that cannot be pulled here. */
export function missingImage(pod: Pod, rules: ImageRules): MissingImage | undefined {
  const launcher = pod.metadata.labels?.['kubevirt.io'] === 'virt-launcher';
  const known = [...(launcher ? rules.guest : rules.runner), LAUNCHER_IMAGE];
  const all: Container[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const missing = all.find(({ image }) => !known.some((pattern) => matches(pattern, image)));
  return missing === undefined ? undefined : describe(missing);
}

/** A pod's image that a fault makes missing: a launcher's disk, else its first container's. */
export function blameImage(pod: Pod): MissingImage {
  const disk = pod.spec.initContainers?.find((each) => each.restartPolicy !== 'Always');
  return describe(disk ?? (pod.spec.containers[0] as Container));
}

/** What a container waits for, in the words of kubelet and containerd. */
export function pullError({ container, image, policy }: MissingImage): {
  container: string;
  reason: string;
  message: string;
} {
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return { container, reason: 'ErrImageNeverPull', message };
  }
  const message = `failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`;
  return { container, reason: 'ErrImagePull', message };
}

/** The same, once the kubelet waits before the next try. */
export function pullBackOff(missing: MissingImage): { container: string; reason: string; message: string } {
  const { container, reason, message } = pullError(missing);
  return {
    container,
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${missing.image}": ${reason}: ${message}`,
  };
}

function describe({ name, image, imagePullPolicy }: Container): MissingImage {
  return { container: name, image, policy: imagePullPolicy ?? 'IfNotPresent' };
}

function matches(pattern: string, image: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(image);
}
