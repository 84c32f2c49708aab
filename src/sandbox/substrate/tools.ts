/** The programs the sandbox runs, out of Debian packages in the cache: the same ones on every machine. */
import { join } from 'node:path';
import type { Cache } from '../assets/cache.ts';
import { debianTree } from '../assets/debian.ts';
import type { Progress } from '../assets/progress.ts';
import { toolCommand } from '../assets/tool.ts';
import type { HostTools } from './types.ts';

const PACKAGES = 'qemu-system-x86 seabios iproute2 ethtool socat util-linux busybox-static erofs-utils'.split(' ');

export interface SandboxTools extends HostTools {
  /** `mkfs.erofs`, for the guest's root image. */
  mkfsErofs: string[];
}

/** Fetches what is missing (about 45 MB once) and returns the command lines. */
export async function sandboxTools(options: {
  cache: Cache;
  progress: Progress;
  signal?: AbortSignal;
}): Promise<SandboxTools> {
  const root = await debianTree({ ...options, name: 'tools', packages: PACKAGES });
  const firmware = ['usr/share/seabios', 'usr/share/qemu'].flatMap((folder) => ['-L', join(root, folder)]);
  return {
    unshare: toolCommand(root, 'unshare'),
    ip: toolCommand(root, 'ip'),
    ethtool: toolCommand(root, 'ethtool'),
    qemu: [...toolCommand(root, 'qemu-system-x86_64'), ...firmware],
    socat: toolCommand(root, 'socat'),
    mkfsErofs: toolCommand(root, 'mkfs.erofs'),
    busybox: join(root, 'usr/bin/busybox'),
  };
}
