import { setImmediate as nextTurn } from 'node:timers/promises';
import { LossnetError } from '../../base/errors.js';
import { evaluationLoader, lossOptions, type Plan, planRun } from '../../config/index.js';
import { type Dataset, sampleNoun } from '../../train/data/dataset.js';
import { Evaluation } from '../../train/evaluate.js';
import { createLoss } from '../../train/loss/index.js';
import { type Metrics, measuredOf, type ValueTarget } from '../../train/task/index.js';
import { identityOf, type RunRecord, readRun } from '../store/read.js';
import { isStopped } from '../surroundings.js';
import { openTrained, type Trained } from '../trained/open.js';
import { checkWhole } from '../whole-number.js';
import { differencesOf, KeptSamples } from './bootstrap.js';
import { evaluationData } from './data.js';
import { loadEvaluator } from './evaluator.js';
import { type Expectations, expectations } from './expectations.js';
import { namesOtherData } from './other-data.js';
import type { BaselineResult, Evaluated, EvaluateOptions } from './result.js';

/** Fewer draws make an interval of chance. */
const LEAST_RESAMPLES = 100;

/**
 * Evaluates a trained model: on its run's own samples, with the figures of the run to the last bit.
 *
 * @param path a run, a checkpoint in one, or an exported model
 * @param options which weights, which samples, what to hold it against
 * @returns what it is worth; null when it was told to stop
 * @throws UsageError when there is no such model or part; ConfigError for values that cannot be; LossnetError when data cannot be
 * had, or are others
 */
export async function evaluate(path: string, options: EvaluateOptions = {}): Promise<Evaluated | null> {
  const { resamples = 1000, seed = 0, baseline, allowsStandIn } = options;
  checkWhole('resamples', resamples, LEAST_RESAMPLES);
  const gates = expectations(options.expect ?? [], baseline !== undefined);
  const own = await evaluateOne(path, options, { keeps: baseline !== undefined, gates });
  if (own === null) return null;
  const { dataset, kept, ...told } = own;
  let compared: BaselineResult | null = null;
  let others: Metrics | null = null;
  if (baseline !== undefined) {
    const other = await evaluateOne(
      baseline,
      { ...options, weights: undefined },
      { keeps: true, gates: null },
    );
    if (other === null) return null;
    checkSame([own, other], [path, baseline]);
    others = figuresOf(other);
    const figures = { own: figuresOf(own), other: others };
    const draws = { resamples, seed };
    const differences = await differencesOf(kept!, other.kept!, figures, draws, options);
    if (differences === null) return null;
    compared = { model: baseline, weights: other.weights, resamples, differences };
  }
  return {
    model: path,
    ...told,
    ...{ data: dataset.identity, noun: sampleNoun(dataset.spec), baseline: compared },
    gates: gates.results(figuresOf(own), others, {
      standsInFor: dataset.identity.standsInFor,
      allowsStandIn,
    }),
  };
}

type One = Pick<Evaluated, 'weights' | 'part' | 'split' | 'samples' | 'loss' | 'metrics' | 'detail'> & {
  readonly dataset: Dataset;
  readonly kept: KeptSamples | null;
};

const figuresOf = ({ loss, metrics }: Pick<One, 'loss' | 'metrics'>) => ({ loss, ...metrics });

async function evaluateOne(
  path: string,
  options: EvaluateOptions,
  { keeps, gates }: { readonly keeps: boolean; readonly gates: Expectations | null },
): Promise<One | null> {
  const trained = openTrained(path, options.weights, options.data);
  const { plan, isOther } = planOf(trained, options.overrides ?? []);
  const record = trained.found.kind === 'run' ? readRun(trained.found.folder.path) : null;
  const dataset = await evaluationData(trained, plan, { record, part: options.part, isOther }, options);
  const part = calledLike(options, isOther, record);
  const { config, spec } = plan;
  const names = ['loss', ...measuredOf(spec.target, config.loss.type).map(({ name }) => name)];
  gates?.check(names, part);
  // A run's own evaluation may be of some samples only.
  const loader = evaluationLoader(config, dataset, part === 'eval' && !isOther ? undefined : null);
  const lossFunction = createLoss(lossOptions(config.loss, record?.start?.class_weights ?? null));
  const about = { lossFunction, trained: record && identityOf(record, 'train') };
  const evaluator = await loadEvaluator(trained, plan, loader, about, options);
  try {
    const evaluation = new Evaluation(evaluator);
    const kept = keeps ? new KeptSamples(evaluator.task, lossFunction) : null;
    for (const batch of loader.epoch(0)) {
      const result = await evaluator.evaluate(batch);
      evaluation.add(batch, result);
      kept?.add(batch, result.outputs!);
      await nextTurn(); // A signal is heard between two batches.
      if (isStopped(options)) return null;
    }
    const { loss, metrics } = evaluation.figures();
    const isWhole = options.part === 'all' || (isOther && options.part === undefined);
    const split = isWhole ? 'all' : dataset.identity.split;
    const told = { samples: loader.samples, loss, metrics, detail: evaluation.detail()! };
    return { weights: trained.weights, part, split, ...told, dataset, kept };
  } finally {
    evaluator.dispose();
  }
}

function planOf({ found, resolved, preprocessing }: Trained, overrides: readonly string[]) {
  const own = overrides.length === 0 ? resolved : resolved.with(overrides);
  const isOther = namesOtherData(resolved.yaml, own.yaml, overrides, found.kind === 'export');
  const plan: Plan = planRun(own, false, preprocessing.spec);
  return { plan, isOther };
}

/** What figures of these samples are called in a run, if they are those of a part of it. */
function calledLike(
  { part = 'val' }: EvaluateOptions,
  isOther: boolean,
  record: RunRecord | null,
): Evaluated['part'] {
  if (isOther) return 'other';
  if (part === 'train' || part === 'all') return part;
  // Of an exported model it is not known whether they chose the epoch.
  const isChosenBy = part === 'test' && record !== null && identityOf(record, 'test') === null;
  return part === 'test' && !isChosenBy ? 'test' : 'eval';
}

/** A difference tells something only of the same samples in the same order. */
function checkSame([own, other]: readonly [One, One], paths: readonly [string, string]): void {
  const [a, b] = [own, other].map(({ dataset, kept }) => ({ target: dataset.spec.target, kept: kept! }));
  const differ = (what: string) =>
    new LossnetError(
      'LOSSNET_DATA_CHANGED',
      `${paths[0]} and ${paths[1]} are not evaluated on the same samples: ${what}.`,
      'Name the same data for both, such as dataset.path=new.csv or dataset.root=new-pictures, or choose runs on the same data.',
    );
  if (a!.kept.samples !== b!.kept.samples) throw differ(`${a!.kept.samples} and ${b!.kept.samples} of them`);
  if (a!.kept.each !== b!.kept.each) throw differ(`${a!.kept.each} and ${b!.kept.each} targets for each`);
  const [rightA, rightB] = [a!, b!].map(({ target, kept }) => {
    const { names } = target;
    if (target.kind === 'class') return kept.targets.map((index) => names[index]!);
    const { mean, std } = target;
    return kept.targets.map((value, i) =>
      mean && std ? value * std[i % names.length]! + mean[i % names.length]! : value,
    );
  });
  const widths = [a!, b!].flatMap(({ target }) => (target.kind === 'value' ? scalesOf(target) : []));
  const scale = Math.max(0, ...widths);
  const at = rightA!.findIndex((value, i) => !isSame(value, rightB![i]!, scale));
  if (at >= 0) {
    throw differ(`of sample ${Math.floor(at / a!.kept.each)} ${rightA![at]} and ${rightB![at]} is right`);
  }
}

/** Values may have been standardised in two ways. */
function isSame(a: string | number, b: string | number, scale: number): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(a), Math.abs(b), scale);
}

/** How large what float32 has rounded is: a value near 0 may be the small difference of large ones. */
const scalesOf = ({ mean, std }: ValueTarget) => [...(mean ?? []).map(Math.abs), ...(std ?? [])];
