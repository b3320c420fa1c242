import { parseArgs } from 'node:util';
import { KINDS, kindNamed } from './kinds/index.js';
import type { Kind } from './trial.js';

/** What a campaign is to do. */
export interface Options {
  readonly kinds: readonly Kind[];
  readonly seed: number;
  /** How long; null: the slice, so many trials of each kind. */
  readonly minutes: number | null;
  /** One trial alone, whose folder is kept; null: as many as there is time for. */
  readonly trial: number | null;
  /** Trials at a time. */
  readonly lanes: number;
  /** A document whose block of figures is written anew. */
  readonly write: string | null;
}

export const USAGE = `Usage: npm run campaign -- [options]

  --minutes N     how long (default 10)
  --slice         so many trials of each kind, as npm test does, in place of a time
  --seed N        what decides all choices (default 1)
  --only a,b      only these of ${KINDS.map(({ name }) => name).join(', ')}
  --trial N       one trial of the kind named by --only, whose folder is kept
  --lanes N       trials at a time (default 2)
  --write <file>  put the figures into a document, between <!-- campaign --> and <!-- end -->
  --help
`;

/**
 * @param args the command line
 * @returns what to do; null when help is wanted
 * @throws Error when an option is wrong
 */
export function readOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string' },
      slice: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      trial: { type: 'string' },
      lanes: { type: 'string', default: '2' },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const kinds = values.only?.split(',').map(kindNamed) ?? KINDS;
  const trial = values.trial === undefined ? null : whole('--trial', values.trial);
  if (trial !== null && kinds.length !== 1) throw new Error('--trial is of one kind: name it with --only');
  if (values.slice && values.minutes !== undefined)
    throw new Error('--slice and --minutes: name one of them');
  const minutes = Number(values.minutes ?? 10);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: not a number above 0`);
  return {
    kinds,
    seed: whole('--seed', values.seed),
    minutes: values.slice ? null : minutes,
    trial,
    lanes: Math.max(1, whole('--lanes', values.lanes)),
    write: values.write ?? null,
  };
}

function whole(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} ${text}: not a whole number`);
  return Number(text);
}
