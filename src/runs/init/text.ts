import { stringify } from 'yaml';
import { DataError } from '../../train/data/data-error.js';

/** A configuration as a text, and what it is about in a few words. */
export interface Sketch {
  readonly text: string;
  readonly told: string;
}

/** Lines of a file. */
export const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

/** What every configuration that is written begins with. */
export function header(file: string, about: string): string {
  return [
    '# Written by lossnet init. A start: look it over, change what you know better.',
    '#',
    `# ${about.replace(/\s+/g, ' ')}`,
    '#',
    `#     lossnet data ${file}       what there is, and what is wrong with it`,
    `#     lossnet lr-find ${file}    which learning rate to take`,
    `#     lossnet train ${file}`,
    '',
  ].join('\n');
}

/** Looks at data that are shared out by hash; where that leaves none of few samples for a part, by lot. */
export function byHashOrLot<T>(look: (by: 'hash' | 'random') => T): T {
  try {
    return look('hash');
  } catch (error) {
    if (!(error instanceof DataError) || !error.key.startsWith('split')) throw error;
    return look('random');
  }
}

/** What is held out: of few samples a larger share, since a tenth of them would say little. */
export const shareOf = (samples: number): number => (samples < 1000 ? 0.2 : 0.1);

/** Steps that a small network needs about. */
const STEPS = 3000;

/** Batches that are neither one step an epoch nor thousands, and epochs that make about 3,000 steps. */
export function training(samples: number): { batchSize: number; epochs: number } {
  const batchSize = samples < 500 ? 16 : samples < 5_000 ? 32 : samples < 50_000 ? 64 : 256;
  const steps = Math.max(1, Math.ceil((0.8 * samples) / batchSize));
  return { batchSize, epochs: Math.min(100, Math.max(10, Math.round(STEPS / steps))) };
}

/** The optimizer, and what chooses the best epoch. */
export function schedule(lr: number, monitor: string): string[] {
  return [
    `optimizer: { type: adam, lr: ${lr} }`,
    'schedule: { type: cosine } # the learning rate falls to 0 in the course of the run',
    `checkpoint: { monitor: ${monitor} }`,
  ];
}

/**
 * A text or number as YAML writes it on one line, also between braces: there commas and brackets need quotes, which they do not
 * need elsewhere. Names of columns may have line breaks; JSON's quotes are YAML's too.
 */
export const value = (own: string | number): string =>
  /\s/.test(String(own).replaceAll(' ', ''))
    ? JSON.stringify(own)
    : stringify([own], {
        collectionStyle: 'flow',
        lineWidth: 0,
        defaultStringType: 'PLAIN',
        flowCollectionPadding: false,
      })
        .trim()
        .slice(1, -1);
