/** Facts about processes, read from the host's /proc. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Process ids of all processes. */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Identity of a namespace of a process, such as `user:[4026532282]`; null where unknown. */
export function namespaceOf(pid: number | 'self', kind: 'user' | 'net' | 'mnt' | 'pid'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null;
  }
}

/** Processes that live in a user namespace. */
export function processesIn(userNamespace: string): number[] {
  return processIds().filter((pid) => namespaceOf(pid, 'user') === userNamespace);
}

/** Process ids from the host's down to the innermost namespace's, from /proc/PID/status. */
export function parseNamespacePids(status: string): number[] {
  const line = /^NSpid:\s*(.*)$/m.exec(status)?.[1] ?? '';
  return line.split(/\s+/).filter(Boolean).map(Number);
}

/**
 * The host's id of the process that is `inside` in the pid namespace made by process `maker`
 * (`unshare`, which itself stays outside). 0 when it has ended.
 */
export function hostPidOf(inside: number, maker: number): number {
  const user = namespaceOf(maker, 'user');
  for (const pid of user === null ? [] : processesIn(user)) {
    try {
      const pids = parseNamespacePids(readFileSync(`/proc/${pid}/status`, 'utf8'));
      const depth = namespaceDepth();
      if (pids.length > depth && pids[depth] === inside) return pid;
    } catch {
      // It ended in between.
    }
  }
  return 0;
}

/** How many pid namespaces this process's ids are counted in. */
function namespaceDepth(): number {
  return parseNamespacePids(readFileSync('/proc/self/status', 'utf8')).length;
}
