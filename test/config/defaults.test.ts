import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/config/defaults.js';
import { configSchema } from '../../src/config/schema/index.js';

describe('nameOf', () => {
  it.each([
    ['configs/tutorial.yaml', 'tutorial'],
    ['tutorial', 'tutorial'],
    ['a/b/sgd-0.1_x.yml', 'sgd-0.1_x'],
    ['My run (2).yaml', 'My-run-2'],
    ['été.yaml', 'ete'],
    ['.hidden.yaml', 'hidden'],
    ['-x-.yaml', 'x'],
    ['日本.yaml', 'run'],
    ['/dev/fd/63', '63'],
    ['a\nb.yaml', 'a-b'],
  ])('%j becomes %s', (file, name) => {
    expect(nameOf(file)).toBe(name);
    expect(configSchema.shape.name.safeParse(name).success).toBe(true);
  });
});
