import { METRICS, type Metric } from '../../config/index.js';
import { leaves, sharedFirstState } from '../store/differences.js';
import { identityOf, type RunRecord, readRun } from '../store/read.js';
import { sketchOf } from './overview.js';

/** A value that two runs do not share; undefined where one of them has none. */
export interface RunDifference<T = unknown> {
  readonly key: string;
  readonly a: T | undefined;
  readonly b: T | undefined;
}

/** In what two runs differ. */
export interface RunsDiff {
  readonly a: RunRecord;
  readonly b: RunRecord;
  /** Keys of the configuration, but the name. */
  readonly config: readonly RunDifference[];
  readonly figures: readonly RunDifference<number | null>[];
  /** The samples of each part: data set, count and hash. */
  readonly data: readonly RunDifference<string>[];
  /** Of lossnet, Node and TensorFlow. */
  readonly versions: readonly RunDifference<string>[];
  /** Whether both began with the same weights, and saw the same batches; null: it is not on record. */
  readonly sameWeights: boolean | null;
  readonly sameBatches: boolean | null;
}

/**
 * Holds two runs against each other.
 *
 * @param a folder of the one
 * @param b folder of the other
 * @returns what differs, nothing else
 * @throws UsageError when one is no folder of a run; LossnetError, ConfigError when one cannot be read
 */
export function diffRuns(a: string, b: string): RunsDiff {
  const [one, other] = [readRun(a), readRun(b)];
  const first = sharedFirstState([one, other]);
  const configs = [one, other].map(({ config: { name: _, ...rest } }) => leaves(rest));
  const figures = [one, other].map((run) => new Map(Object.entries(sketchOf(run).figures)));
  return {
    ...{ a: one, b: other },
    config: differences(configs[0]!, configs[1]!).map(({ key, a, b }) => ({
      key,
      a: parsed(a),
      b: parsed(b),
    })),
    figures: differences(figures[0]!, figures[1]!).toSorted((x, y) => rankOf(x.key) - rankOf(y.key)),
    data: differences(samplesOf(one), samplesOf(other)),
    versions: differences(versionsOf(one), versionsOf(other)),
    sameWeights: first.isRecorded ? first.weights !== null : null,
    sameBatches: first.isRecorded ? first.batches !== null : null,
  };
}

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json));
const rankOf = (key: string) => METRICS.indexOf(key as Metric);

function differences<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): RunDifference<T>[] {
  const keys = [...new Set([...a.keys(), ...b.keys()])];
  return keys
    .filter((key) => a.get(key) !== b.get(key))
    .map((key) => ({ key, a: a.get(key), b: b.get(key) }));
}

function samplesOf(run: RunRecord): Map<string, string> {
  return new Map(
    (['train', 'eval', 'test'] as const).flatMap((part) => {
      const identity = identityOf(run, part);
      if (identity === null) return [];
      const { name, split, records, sha256, standsInFor } = identity;
      const standIn = standsInFor === undefined ? '' : `, standing in for ${standsInFor}`;
      return [[part, `${name} ${split}${standIn}, ${records}, sha256 ${sha256.slice(0, 12)}`] as const];
    }),
  );
}

const versionsOf = ({ summary }: RunRecord) => new Map(Object.entries(summary?.versions ?? {}));
