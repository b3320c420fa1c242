import { describe, expect, it } from 'vitest';
import { complaints } from '../../../src/cli/launch/complaints.js';
import type { Failure } from '../../../src/cli/launch/message.js';
import type { Ended } from '../../../src/cli/launch/rank-processes.js';

const failure = (code: string, message: string, ...remedy: string[]): Failure => ({
  code: `LOSSNET_${code}`,
  message,
  shown: [`error: ${message}`, ...remedy.map((text) => `  ${text}`)],
});
const done = { code: 0, signal: null, failed: null, said: '' };
/** A rank that ended with this code, for this reason. */
const failed = (code: number, reason: Failure) => ({ ...done, code, failed: reason });
const killed = { ...done, code: null, signal: 'SIGKILL' } as const;
const told = (...ranks: Omit<Ended, 'rank'>[]) => complaints(ranks.map((each, rank) => ({ rank, ...each })));

const LOST = failure('PARALLEL_LOST', 'Another rank is lost: the connection to it is broken.');
const TAKEN = failure('RUN_EXISTS', 'runs/a exists already.', 'Add --resume to continue it.');
const refused = (rank: number, { message }: Failure) =>
  failure('PARALLEL_REFUSED', `Not all ranks can take part:\n  rank ${rank}: ${message}`);

describe('what went wrong on several ranks', () => {
  it.each([
    ['nothing', [done, done], []],
    [
      'rank 0 cannot begin',
      [failed(2, TAKEN), failed(5, refused(0, TAKEN)), failed(5, refused(0, TAKEN))],
      ['ranks 1 and 2: ended, as rank 0 cannot take part'],
    ],
    [
      'rank 1 cannot begin: rank 0 has shown why, but not what helps',
      [failed(5, refused(1, TAKEN)), failed(2, TAKEN), failed(5, refused(1, TAKEN))],
      ['rank 1: Add --resume to continue it.', 'rank 2: ended, as rank 1 cannot take part'],
    ],
    [
      'all fail for the same',
      [failed(1, TAKEN), failed(1, TAKEN), failed(1, TAKEN), failed(1, TAKEN)],
      ['ranks 1 to 3: the same error as rank 0'],
    ],
    [
      'one is killed: rank 0 says more of what it saved',
      [failed(5, { ...LOST, shown: [...LOST.shown, '  The run is saved.'] }), killed, failed(5, LOST)],
      ['rank 1: ended by SIGKILL', 'rank 2: the same error as rank 0'],
    ],
    [
      'rank 0 is killed',
      [killed, failed(5, LOST), failed(5, LOST), done, failed(5, LOST)],
      ['rank 0: ended by SIGKILL', `ranks 1, 2 and 4: error: ${LOST.message}`],
    ],
    [
      'each has a reason of its own',
      [failed(5, LOST), failed(1, TAKEN)],
      ['rank 1: error: runs/a exists already.\n  Add --resume to continue it.'],
    ],
    [
      'a configuration that no rank can read was shown by rank 0',
      [
        { ...done, code: 2 },
        { ...done, code: 2, said: 'c.yaml:1:1  lr\n' },
      ],
      [],
    ],
    [
      'what a library wrote before the end',
      [failed(5, LOST), { ...killed, said: 'terminate called\n\nAborted\n' }],
      ['terminate called', 'Aborted', 'rank 1: ended by SIGKILL'],
    ],
  ] as [string, Omit<Ended, 'rank'>[], string[]][])('%s', (_, ranks, lines) => {
    expect(told(...ranks)).toEqual(lines);
  });
});
