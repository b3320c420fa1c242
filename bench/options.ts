import { parseArgs } from 'node:util';
import { allPeers, type Peer, REFERENCE } from './peers.js';
import { BATCHES, batchesOf, MODEL_NAMES, type ModelName, settingsFor } from './settings.js';

/** What is to be measured. */
export interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly models: readonly ModelName[];
  readonly batches: readonly number[];
  readonly peers: readonly Peer[];
  /** Whether the real program is measured too. */
  readonly commandLine: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]

  --quick            few steps and rounds, to see that it works; results go to bench/.quick
  --threads          measure lossnet's graph with both ways to share out the cores, too
  --rounds N         how often each peer is measured (default 7, quick 2)
  --models tutorial,mlp  only these of ${MODEL_NAMES.join(', ')}
  --batches 1,64     only these of ${BATCHES.join(', ')}
  --peers graph,torch  only these of ${allPeers(false)
    .map(({ name }) => name)
    .join(', ')}
  --no-command-line  leave out the real program
  --help

What is measured takes the place of what was measured before on this kind of CPU; the rest of it stays.
`;

const ROUNDS = { full: 7, quick: 2 };

/**
 * @param args the command line
 * @returns what to measure; null when help is wanted. Lossnet's graph is always among the peers
 * @throws Error when an option is wrong
 */
export function readOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      threads: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      models: { type: 'string' },
      batches: { type: 'string' },
      peers: { type: 'string' },
      'command-line': { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick, threads } = values;
  const rounds = Number(values.rounds ?? ROUNDS[quick ? 'quick' : 'full']);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds ${values.rounds}: not a number above 0`);
  const models = chosen('--models', values.models, MODEL_NAMES) as readonly ModelName[];
  const batches = chosen('--batches', values.batches, BATCHES.map(String)).map(Number);
  if (settingsFor(models, batches, quick).length === 0) {
    const sizes = models.map((model) => `${model}: ${batchesOf(model).join(', ')}`).join('; ');
    throw new Error(`--batches ${values.batches}: none of these models is measured so (${sizes})`);
  }
  const all = allPeers(threads);
  const names = chosen(
    '--peers',
    values.peers,
    all.map(({ name }) => name),
  );
  const peers = all.filter(({ name }) => name === REFERENCE || names.includes(name));
  return { quick, rounds, models, batches, peers, commandLine: values['command-line'] };
}

function chosen(option: string, list: string | undefined, allowed: readonly string[]): readonly string[] {
  if (list === undefined) return allowed;
  const wanted = list.split(',');
  const wrong = wanted.find((word) => !allowed.includes(word));
  if (wrong !== undefined) throw new Error(`${option}: "${wrong}" is none of ${allowed.join(', ')}`);
  return wanted;
}
