/** The Kubernetes layer as others use it. */
export * from './client.ts';
export * from './controller.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './lease.ts';
export * from './object.ts';
export * from './queue.ts';
export * from './queueTimes.ts';
export * from './reflector.ts';
export * from './resources.ts';
export * from './store.ts';
