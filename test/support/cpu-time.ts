/** Time of this thread on a processor: a bound on work holds on a busy machine too, where the wall clock's does not. */

/** Milliseconds of processor time since the thread began, user and system. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
