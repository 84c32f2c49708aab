/** Version of this runner: what the bundle was built as. */
declare const __VFBENCH_VERSION__: string | undefined;

export const RUNNER_VERSION: string = typeof __VFBENCH_VERSION__ === 'string' ? __VFBENCH_VERSION__ : 'source';
