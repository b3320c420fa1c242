import { expect, it } from 'vitest';
import type { ConfigYaml } from '../../../../src/config/index.js';
import { compareConfigs } from '../../../../src/runs/report/sections/configs.js';

const rows = (...configs: object[]) => compareConfigs(configs as ConfigYaml[]);

it('marks keys whose values differ, but not the names of the runs', () => {
  expect(
    rows({ name: 'a', seed: 0, optimizer: { lr: 0.1 } }, { name: 'b', seed: 0, optimizer: { lr: 0.2 } }),
  ).toEqual([
    { key: 'name', values: ['a', 'b'], differs: false },
    { key: 'seed', values: ['0', '0'], differs: false },
    { key: 'optimizer.lr', values: ['0.1', '0.2'], differs: true },
  ]);
});

it('a key that only one has differs, and stands with its block', () => {
  const found = rows(
    { optimizer: { type: 'sgd', momentum: 0.9 }, epochs: 2 },
    { optimizer: { type: 'adam', betas: [0.9, 0.999] }, epochs: 2 },
  );
  expect(found.map(({ key }) => key)).toEqual([
    'optimizer.type',
    'optimizer.betas',
    'optimizer.momentum',
    'epochs',
  ]);
  expect(found[1]).toEqual({ key: 'optimizer.betas', values: [null, '[0.9, 0.999]'], differs: true });
});

it('tells null, empty blocks and text apart', () => {
  expect(rows({ a: null, b: {}, c: 'null' }, { a: 'x', b: {}, c: 'null' })).toEqual([
    { key: 'a', values: ['null', 'x'], differs: true },
    { key: 'b', values: ['{}', '{}'], differs: false },
    { key: 'c', values: ['null', 'null'], differs: false },
  ]);
});

it('follows lists of blocks by position', () => {
  expect(rows({ model: [{ type: 'relu' }, { type: 'flatten' }] }, { model: [{ type: 'relu' }] })).toEqual([
    { key: 'model.0.type', values: ['relu', 'relu'], differs: false },
    { key: 'model.1.type', values: ['flatten', null], differs: true },
  ]);
});
