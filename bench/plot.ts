import { barChart } from './bars.js';
import { REFERENCE } from './peers.js';
import type { Results } from './results.js';
import { titleOf } from './settings.js';
import { ratioIn } from './targets.js';

/**
 * Draws how many times as long each peer takes as lossnet's graph: a group of bars for each setting, a line at 1.
 *
 * @param results what was found
 * @returns an SVG image
 */
export function plot({ cells, titles }: Results): string {
  const names = Object.keys(titles).filter((name) => cells.some(({ peers }) => peers[name]));
  return barChart({
    title: 'Time per training step of lossnet and its peers',
    heading: `Time per training step, in multiples of ${titles[REFERENCE]}`,
    names: names.map((name) => titles[name]!),
    groups: cells.map((cell) => ({ title: titleOf(cell), values: names.map((name) => ratioIn(cell, name)) })),
    digits: 1,
  });
}
