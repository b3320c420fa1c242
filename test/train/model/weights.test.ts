import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { loadWeights, stateDict } from '../../../src/train/model/weights.js';
import { encodeSafetensors, type StoredTensor } from '../../../src/train/safetensors.js';
import { TUTORIAL } from '../../helpers/tutorial.js';

beforeAll(() => loadTensorFlow());

const folder = mkdtempSync(join(tmpdir(), 'lossnet-weights-'));
const model = () => Sequential.build(TUTORIAL);

function save(name: string, tensors: Map<string, StoredTensor>): string {
  const file = join(folder, name);
  writeFileSync(file, encodeSafetensors({ tensors, metadata: {} }));
  return file;
}

describe('state dict', () => {
  it("has PyTorch's names and shapes", () => {
    const initialized = model();
    initialized.initialize();
    const shapes = [...stateDict(initialized.state)].map(([name, { shape }]) => `${name} ${shape.join('x')}`);
    expect(shapes).toEqual([
      '0.weight 32x3x5x5',
      '0.bias 32',
      '2.weight 32x32x5x5',
      '2.bias 32',
      '4.weight 64x32x5x5',
      '4.bias 64',
      '7.weight 64x1024',
      '7.bias 64',
      '8.weight 10x64',
      '8.bias 10',
    ]);
  });

  it('comes back from a file value by value', () => {
    const saved = model();
    saved.initialize();
    const file = save('same.safetensors', stateDict(saved.state));
    const loaded = model();
    loadWeights(loaded.state, file);
    expect(stateDict(loaded.state)).toEqual(stateDict(saved.state));
  });
});

describe('weights that do not fit', () => {
  it('are listed all at once: missing, unexpected, misshapen', () => {
    const saved = model();
    saved.initialize();
    const tensors = stateDict(saved.state);
    tensors.set('9.weight', { shape: [2, 2], values: new Float32Array(4) });
    tensors.set('0.weight', { shape: [3, 32, 5, 5], values: new Float32Array(2400) });
    tensors.delete('8.bias');
    const file = save('wrong.safetensors', tensors);
    expect(() => loadWeights(model().state, file)).toThrow(
      `The weights in ${file} do not fit the model:\n` +
        '  wrong shape: 0.weight is [3, 32, 5, 5], the model needs [32, 3, 5, 5]\n' +
        '  missing: 8.bias [10]\n' +
        '  unexpected: 9.weight [2, 2]',
    );
  });

  it.each([
    ['a file that is not there', join(folder, 'none.safetensors'), 'there is no such file'],
    ['a folder', folder, 'it is a folder'],
  ])('%s', (_, file, reason) => {
    expect(() => loadWeights(model().state, file)).toThrow(reason);
  });
});
