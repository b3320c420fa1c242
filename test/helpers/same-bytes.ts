import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

/** A module of the build, for a script in a process of its own. */
const dist = (path: string) => new URL(`../../dist/train/${path}`, import.meta.url).href;

/**
 * Expects a kernel to give the same bytes on one thread and on three, each in a process of its own: TensorFlow reads their number once.
 *
 * @param modules what the script imports, such as `{ recur: 'backend/kernels/recurrent.js' }`
 * @param script calls `add` with each tensor that has to be the same; `tf` is there, and `numbers(shape, k)`, which makes a tensor
 */
export async function expectSameBytes(
  modules: Readonly<Record<string, string>>,
  script: string,
): Promise<void> {
  const imports = Object.entries(modules).map(([name, path]) => `import { ${name} } from '${dist(path)}';`);
  const program = `
    import { createHash } from 'node:crypto';
    import { loadTensorFlow } from '${dist('backend/tensorflow.js')}';
    ${imports.join('\n')}
    const tf = await loadTensorFlow();
    const numbers = (shape, k) =>
      tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * k)), shape);
    const hash = createHash('sha256');
    const add = (tensor) => hash.update(tensor.dataSync());
    ${script}
    process.stdout.write(hash.digest('hex'));`;
  const on = async (threads: string) => {
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: threads };
    const args = ['--input-type=module', '-e', program];
    return (await promisify(execFile)(process.execPath, args, { env })).stdout;
  };
  const [one, three] = [await on('1'), await on('3')];
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(three).toBe(one);
}
