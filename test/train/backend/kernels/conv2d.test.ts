import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../../../src/train/backend/kernels/conv2d.js';
import type { Conv2dWindow } from '../../../../src/train/backend/kernels/window.js';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../../helpers/close.js';
import { numbers, sizeOf } from '../../../helpers/numbers.js';

/**
 * TensorFlow's fast convolutions are wrong, or write where they must not, for some shapes on some processors. Each is
 * compared with the definition, written out.
 */
interface Case {
  batch: number;
  /** Channels in and out, and groups. */
  channels: [number, number, number];
  kernel: [number, number];
  stride: [number, number];
  padding: number;
}

const SIDE = [6, 5] as const;

/** y and the gradients of sum(y * dy), term by term. */
function defined({ batch, channels: [ins, outs, groups], kernel, stride, padding }: Case) {
  const [height, width] = SIDE;
  const out = SIDE.map((n, i) => Math.floor((n + 2 * padding - kernel[i]!) / stride[i]!) + 1) as [
    number,
    number,
  ];
  const [perIn, perOut] = [ins / groups, outs / groups];
  const x = numbers('x', sizeOf([batch, height, width, ins]));
  const filter = numbers('filter', sizeOf([...kernel, perIn, outs]));
  const dy = numbers('dy', sizeOf([batch, ...out, outs]));
  const [y, dx, dFilter] = [dy, x, filter].map((like) => new Float64Array(like.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < out[0]; i++)
      for (let j = 0; j < out[1]; j++)
        for (let o = 0; o < outs; o++)
          for (let u = 0; u < kernel[0]; u++)
            for (let v = 0; v < kernel[1]; v++)
              for (let c = 0; c < perIn; c++) {
                const [row, column] = [i * stride[0] + u - padding, j * stride[1] + v - padding];
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                const input = Math.floor(o / perOut) * perIn + c;
                const xAt = ((b * height + row) * width + column) * ins + input;
                const yAt = ((b * out[0] + i) * out[1] + j) * outs + o;
                const filterAt = ((u * kernel[1] + v) * perIn + c) * outs + o;
                y[yAt]! += x[xAt]! * filter[filterAt]!;
                dx[xAt]! += dy[yAt]! * filter[filterAt]!;
                dFilter[filterAt]! += dy[yAt]! * x[xAt]!;
              }
  const shapes = { x: [batch, ...SIDE, ins], filter: [...kernel, perIn, outs], dy: [batch, ...out, outs] };
  return { x, filter, dy, y, dx, dFilter, shapes };
}

const CASES: Case[] = [1, 2, 3].flatMap((batch) =>
  (
    [
      [1, 1, 1],
      [1, 2, 1],
      [3, 1, 1],
      [3, 16, 1],
      [4, 2, 2],
      [4, 4, 4],
      [4, 8, 2],
      [8, 4, 4],
    ] as [number, number, number][]
  ).flatMap((channels) =>
    (
      [
        [[1, 1], 0],
        [[3, 3], 1],
        [[2, 3], 1],
        [[5, 5], 2],
      ] as [[number, number], number][]
    ).flatMap(([kernel, padding]) =>
      (
        [
          [1, 1],
          [2, 2],
          [1, 2],
        ] as [number, number][]
      ).map((stride): Case => ({ batch, channels, kernel, stride, padding })),
    ),
  ),
);

describe('conv2d and its gradients are what the definition says', () => {
  beforeAll(() => loadTensorFlow());

  it.each([1, 2, 3])('for batches of %i, whatever channels, groups, kernel and stride', (batch) => {
    const tf = tensorflow();
    const cases = CASES.filter((row) => row.batch === batch);
    expect(cases.length).toBeGreaterThan(90);
    for (const row of cases) {
      const { x, filter, dy, y, dx, dFilter, shapes } = defined(row);
      const p = row.padding;
      const window: Conv2dWindow = {
        stride: row.stride,
        padding: [
          [p, p],
          [p, p],
        ],
        dilation: [1, 1],
        groups: row.channels[2],
      };
      tf.tidy(() => {
        const [xs, filters, dys] = [
          tf.tensor(x, shapes.x),
          tf.tensor(filter, shapes.filter),
          tf.tensor(dy, shapes.dy),
        ];
        const output = conv2d(xs, filters, window);
        const [dxs, dFilters] = tf.grads((a, b) => conv2d(a!, b!, window))([xs, filters], dys);
        const name = JSON.stringify(row);
        expectClose(output.dataSync() as Float32Array, y, 1e-5, `${name} y`);
        expectClose(dxs!.dataSync() as Float32Array, dx, 1e-5, `${name} dx`);
        expectClose(dFilters!.dataSync() as Float32Array, dFilter, 1e-5, `${name} dFilter`);
      });
    }
  });
});
