import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, namedLr, specOf, toCamelCase } from '../../../../src/config/index.js';
import type { RunRecord } from '../../../../src/runs/store/read.js';
import { measuredOf } from '../../../../src/train/task/index.js';
import { workspace } from '../../../helpers/cli.js';

const CONFIG = `epochs: 4
dataset: { type: shapes, train_size: 60, eval_size: 20 }
optimizer: { type: sgd }
model:
  - { type: flatten }
  - { type: linear, out_features: 4 }
  - { type: relu }
  - { type: linear, out_features: 10 }
`;
/** What the layers of that model have of parameters. */
const SIZES = { '1': 32 * 32 * 3 * 4 + 4, '3': 4 * 10 + 10 };

/** Root mean squares of a layer: of its gradient, of a step, and of its weights. */
export interface Moves {
  readonly gradient: number;
  readonly step: number;
  readonly weight: number;
}

/**
 * A record as `readRun` gives it of a run that had these figures.
 *
 * @param overrides of the configuration
 * @param figures layers: what the steps were like, of each record; losses and accuracies: of each epoch; lrs: of each step, ten in an
 * epoch; samples: of the evaluation, where that is on record
 */
export function recordOf(
  overrides: readonly string[],
  figures: {
    readonly layers?: readonly Record<'1' | '3', Moves>[];
    readonly losses?: readonly number[];
    readonly accuracies?: readonly number[];
    readonly lrs?: readonly number[];
    readonly groupLrs?: readonly number[];
    readonly diagnosis?: NonNullable<RunRecord['summary']>['diagnosis'];
    readonly diverged?: RunRecord['diverged'];
    readonly status?: 'done' | 'interrupted';
    readonly samples?: number;
  },
): RunRecord {
  const {
    layers = [],
    losses = [],
    accuracies = [],
    lrs = [],
    groupLrs,
    diverged = null,
    diagnosis = null,
    samples,
  } = figures;
  const cwd = workspace();
  writeFileSync(join(cwd, 'run.yaml'), CONFIG);
  const resolved = loadConfig({ file: join(cwd, 'run.yaml'), overrides });
  const spec = specOf(resolved.yaml)!;
  return {
    path: `runs/${overrides.join('-') || 'run'}`,
    name: 'run',
    config: resolved.yaml,
    resolved,
    spec,
    metrics: measuredOf(spec.target, resolved.yaml.loss.type),
    start: samples === undefined ? null : startOf(samples),
    steps: lrs.map((lr, i) => ({
      ...{ type: 'step' as const, epoch: Math.ceil((i + 1) / 10), step: i + 1, loss: 1, lr, grad_norm: null },
      ...(groupLrs && { group_lrs: groupLrs.map((share) => share * lr) }),
    })),
    layers: layers.map((own, i) => ({
      ...{ type: 'layers' as const, epoch: 1, step: i + 1 },
      layers: (['1', '3'] as const).map((layer) => {
        const each = Math.sqrt(SIZES[layer]);
        const { gradient, step, weight } = own[layer];
        return { layer, grad_norm: gradient * each, weight_norm: weight * each, update_ratio: step / weight };
      }),
    })),
    epochs: losses.map((loss, i) => ({
      ...{ type: 'epoch' as const, epoch: i + 1, step: 10 * (i + 1), running_loss: loss, train_loss: loss },
      ...{ train_accuracy: 0, eval_loss: loss, eval_accuracy: accuracies[i] ?? 0, best: false },
      lr: lrs[10 * i + 9] ?? lrs.at(-1) ?? namedLr(toCamelCase(resolved.yaml)).lr,
    })),
    timings: [],
    diverged,
    summary: {
      ...{ status: figures.status ?? 'done', epochs: losses.length, test: null },
      diagnosis,
    },
  };
}

function startOf(records: number): RunRecord['start'] {
  const identity = {
    ...{ name: 'shapes', split: 'val' as const, source: 'generated', records, sha256: 'a'.repeat(64) },
  };
  return {
    ...{ type: 'start', parameters: 10, init_sha256: 'a', order_sha256: 'b' },
    ...{ train: identity, eval: identity },
  } as NonNullable<RunRecord['start']>;
}
