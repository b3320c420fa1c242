// The core of tfjs with its gradients, which is all that tfjs-node computes with.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { KernelBackend as Backend, version_core } from '@tensorflow/tfjs-core/dist/index.js';

export * from '@tensorflow/tfjs-core/dist/index.js';

// tfjs-node's backend is a class of an older JavaScript, which calls the constructor of what it extends. This one does nothing.
export function KernelBackend() {}
KernelBackend.prototype = Backend.prototype;

// Of the rest of tfjs, tfjs-node's own modules name these three as they load.
export const version = { 'tfjs-core': version_core };
export class CustomCallback {}
export function registerCallbackConstructor() {}
