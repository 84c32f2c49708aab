/** The version of the plugin, put in when it is built. */
declare const __VFBENCH_VERSION__: string | undefined;

/** `0.0.0-dev` where the sources run as they are. */
export const VERSION = typeof __VFBENCH_VERSION__ === 'string' ? __VFBENCH_VERSION__ : '0.0.0-dev';
