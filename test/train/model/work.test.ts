import { expect, it } from 'vitest';
import { Sequential } from '../../../src/train/model/sequential.js';
import { workPerSample } from '../../../src/train/model/work.js';
import { TUTORIAL } from '../../helpers/tutorial.js';

it("counts the tutorial's CNN: 25 million multiplications and additions forward, thrice that for a step", () => {
  expect(workPerSample(Sequential.build(TUTORIAL).layers) / 3 / 1e6).toBeCloseTo(24.8, 0);
});
