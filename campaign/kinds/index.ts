import type { Kind } from '../trial.js';
import { archives } from './archives.js';
import { checkpoints } from './checkpoints.js';
import { comparisons } from './comparisons.js';
import { configs } from './configs.js';
import { faults } from './faults.js';
import { kills } from './kills.js';
import { records } from './records.js';

/** All that a campaign can do. */
export const KINDS: readonly Kind[] = [kills, comparisons, configs, checkpoints, records, archives, faults];

/** @throws Error when there is none of that name */
export function kindNamed(name: string): Kind {
  const kind = KINDS.find((candidate) => candidate.name === name);
  if (kind === undefined)
    throw new Error(`"${name}" is none of ${KINDS.map((each) => each.name).join(', ')}`);
  return kind;
}
