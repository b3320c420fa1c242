import { UsageError } from '../../base/errors.js';
import type { Metric } from '../../config/index.js';
import { compareFinished, finishedResults } from '../../runs/compare/finished.js';
import { targetOf } from '../../runs/compare/judge/analysis.js';
import { parseRequest } from '../../runs/compare/plan/request.js';
import { planVariants } from '../../runs/compare/plan/variants.js';
import { parseGates } from '../../runs/gates.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { compareTrained } from './compare.js';
import type { Showing } from './conclude.js';

/** The options of `lossnet compare`. */
export interface CompareFlags {
  config?: string;
  seeds?: number;
  jobs?: number;
  name?: string;
  force?: true;
  maxRuns: number;
  by?: Metric;
  target?: string;
  expect?: string[];
  json?: true;
  md?: true;
  quiet?: true;
}

/**
 * Carries out what was typed.
 *
 * @param args presets, axes, overrides, configurations or folders of runs
 * @param flags the options
 * @param io where to show it
 * @returns the exit code
 * @throws UsageError, ConfigError when something of it cannot be
 */
export async function compare(args: string[], flags: CompareFlags, io: Io): Promise<ExitCode> {
  if (flags.json && flags.md) throw new UsageError('LOSSNET_USAGE', '--json and --md: name one of them.');
  const request = parseRequest(args);
  const { config, seeds = 1, maxRuns, jobs, name, force = false } = flags;
  if (request.runs.length > 0) {
    const idle = (['config', 'seeds', 'jobs'] as const).find((flag) => flags[flag] !== undefined);
    if (idle)
      throw new UsageError('LOSSNET_USAGE', `--${idle} is for training, and runs are compared as they are.`);
    if (request.runs.length < 2) {
      throw new UsageError(
        'LOSSNET_USAGE',
        'A comparison needs at least two runs.',
        'Name the folder of another.',
      );
    }
    const { results, leftOut } = finishedResults(request.runs, io);
    const names = results.map((result) => result.name);
    const paths = results.flatMap(({ runs }) => runs.map(({ path }) => path));
    const code = await compareFinished({ paths, results, name, force, showing: showing(flags, names) }, io);
    return leftOut > 0 && code === EXIT.done ? EXIT.failed : code;
  }
  const planned = planVariants(request, { config, seeds, maxRuns, env: io.env });
  const names = planned.variants.map((variant) => variant.name);
  return compareTrained({ ...showing(flags, names), ...planned, args, name, jobs, force }, io);
}

function showing(
  { json, md, quiet, by, target, expect = [] }: CompareFlags,
  names: readonly string[],
): Showing {
  const [goal] = target === undefined ? [] : parseGates([target], null, '--target');
  const output = json ? 'json' : md ? 'markdown' : quiet ? 'quiet' : 'people';
  return { output, by, target: goal && targetOf(goal), gates: parseGates(expect, names) };
}
