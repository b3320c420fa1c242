import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kindNamed } from './kinds/index.js';
import type { Answer, Job } from './lanes.js';
import { Random } from './random.js';
import { failed, type Trial } from './trial.js';

/** The program of a `Lane`: makes the trials that it is sent, one at a time. */
const [base = ''] = process.argv.slice(2);
const shared = mkdtempSync(join(base, 'shared-'));
// What lossnet writes to the temporary folder is looked through, too.
process.env.TMPDIR = join(shared, 'tmp');
mkdirSync(process.env.TMPDIR);

process.on('message', async (job: Job) => {
  const trial = await make(job);
  const answer: Answer = { trial, megabytes: process.memoryUsage().rss / 2 ** 20 };
  process.send!(answer);
});
process.on('disconnect', () => process.exit());

async function make({ kind, seed, trial, keep }: Job): Promise<Trial> {
  const folder = join(base, `${kind}-${trial}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  process.chdir(folder);
  // A configuration may have set others for all that follows, and results depend on them.
  Object.assign(process.env, { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' });
  try {
    return await kindNamed(kind).trial({ random: new Random(seed, kind, trial), folder, shared });
  } catch (error) {
    // Of lossnet's own, or of the trial's: either is to be mended.
    const { stack } = error as Error;
    return {
      counts: {},
      failures: failed(`throws: ${(error as Error).message.split('\n', 1)[0]}`, `${stack}`),
    };
  } finally {
    process.chdir(base);
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}
