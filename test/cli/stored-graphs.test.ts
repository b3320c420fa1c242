import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cacheFolder } from '../../src/base/cache-folder.js';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

/** A cache with all that is in the one of this machine, but for graphs. */
const cache = mkdtempSync(join(tmpdir(), 'lossnet-cache-'));
for (const name of readdirSync(cacheFolder())) {
  if (name !== 'graphs') symlinkSync(join(cacheFolder(), name), join(cache, name));
}
afterAll(() => rmSync(cache, { recursive: true }));

const cwd = workspace({ 'tiny.yaml': TINY.replace('epochs: 3', 'epochs: 1') });
const graphs = () => readdirSync(join(cache, 'graphs'));

async function bytesOf(name: string): Promise<string[]> {
  const { code, stderr } = await lossnet(['train', 'tiny.yaml', '-q', '--name', name], {
    cwd,
    env: { LOSSNET_CACHE: cache },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return ['metrics.jsonl', 'checkpoints/resume.safetensors', 'checkpoints/last.safetensors'].map((file) =>
    readFileSync(join(cwd, 'runs', name, file), 'base64'),
  );
}

it('a run that finds its graph in the cache gives the same bytes, and so does one that finds it damaged', async () => {
  const traced = await bytesOf('traced');
  const [graph] = graphs();
  expect(graphs()).toEqual([expect.stringMatching(/\.graph$/)]);
  const file = join(cache, 'graphs', graph!);
  const bytes = readFileSync(file);
  expect(await bytesOf('found')).toEqual(traced);
  writeFileSync(file, bytes.subarray(0, 1000));
  expect(await bytesOf('damaged')).toEqual(traced);
  expect(graphs()).toEqual([graph]);
  expect(readFileSync(file).equals(bytes)).toBe(true);
});
