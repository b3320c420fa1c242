import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRun } from '../../../src/config/index.js';
import { exportModel } from '../../../src/runs/export/export.js';
import { samplesFor } from '../../../src/runs/export/samples.js';
import { readRun } from '../../../src/runs/store/read.js';
import { openTrained } from '../../../src/runs/trained/open.js';
import { loadPredictor } from '../../../src/runs/trained/predictor.js';
import { type Browser, findChromium, launchChromium } from '../../helpers/browser.js';
import { lossnet, workspace } from '../../helpers/cli.js';

declare const document: {
  querySelector(selector: string): { readonly textContent: string } | null;
};

const executable = findChromium();
const PICTURES = 8;
const PIXELS = 32 * 32 * 3;

const SHAPES = `epochs: 3
seed: 1
dataset: { type: shapes, train_size: 600, eval_size: 60 }
loader: { batch_size: 16 }
transforms: { normalize: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } }
model:
  - { type: conv2d, out_channels: 8, kernel_size: 3, padding: 1 }
  - { type: batch_norm2d }
  - { type: relu }
  - { type: max_pool2d, kernel_size: 4 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: adam, lr: 0.003 }
`;

const cwd = workspace({ 'shapes.yaml': SHAPES });
const run = join(cwd, 'runs/shapes');
let server: Server;
let browser: Browser;
let picture: Uint8Array = new Uint8Array(PIXELS);

/** Serves the export as it stands, the page of its model card, tfjs, and a picture. */
function contentOf(folder: string, path: string): string | Uint8Array | null {
  switch (path) {
    case '/':
      return /```html\n([\s\S]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8'))![1]!;
    case '/tf.min.js':
      return readFileSync(createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js'));
    case '/picture.png':
      return encode({ width: 32, height: 32, data: picture, channels: 3 });
    case '/favicon.ico':
      return '';
    default:
      return readFileSync(join(folder, path));
  }
}

describe.skipIf(executable === undefined)('an export for browsers', () => {
  beforeAll(async () => {
    await lossnet(['train', 'shapes.yaml', '-q'], { cwd });
    const { folder } = (await exportModel(run, { format: 'tfjs' }))!;
    server = createServer(({ url }, response) => {
      const type = { '/': 'text/html', '/tf.min.js': 'text/javascript', '/picture.png': 'image/png' }[url!];
      response.setHeader('content-type', type ?? 'application/octet-stream');
      response.end(contentOf(folder, url!));
    }).listen(0, '127.0.0.1');
    browser = await launchChromium(executable!);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('tells the classes of pictures in the page of its card, as lossnet does', async () => {
    const trained = openTrained(run);
    const { names } = trained.preprocessing.spec.target;
    const plan = planRun(trained.resolved, false, trained.preprocessing.spec);
    const predictor = await loadPredictor(trained, plan, PICTURES, {});
    const { inputs } = await samplesFor(readRun(run), plan, {});
    const pictures = inputs.slice(0, PICTURES * PIXELS) as Uint8Array;
    const outputs = await predictor.outputs(pictures, PICTURES);
    predictor.dispose();
    const expected = Array.from({ length: PICTURES }, (_, i) => {
      const own = outputs.subarray(i * names.length, (i + 1) * names.length);
      return names[own.indexOf(Math.max(...own))];
    });
    expect(new Set(expected).size, 'several classes').toBeGreaterThan(2);

    const page = await browser.context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    const said: (string | undefined)[] = [];
    for (let i = 0; i < PICTURES; i++) {
      picture = pictures.slice(i * PIXELS, (i + 1) * PIXELS);
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction(() => document.querySelector('#said')?.textContent !== '', undefined, {
        timeout: 30_000,
      });
      said.push(await page.evaluate(() => document.querySelector('#said')?.textContent));
    }
    expect([complaints, said]).toEqual([[], expected]);
  }, 120_000);
});
