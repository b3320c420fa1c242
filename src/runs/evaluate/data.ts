import { LossnetError, UsageError } from '../../base/errors.js';
import type { Plan } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import type { Dataset } from '../../train/data/dataset.js';
import { joined } from '../../train/data/joined.js';
import { recallDataset } from '../../train/data/source.js';
import { wholeOf } from '../../train/data/sources/whole.js';
import { nameShape } from '../../train/model/shape.js';
import type { ClassTarget } from '../../train/task/index.js';
import { identityOf, type RunRecord } from '../store/read.js';
import type { Surroundings } from '../surroundings.js';
import { loadData } from '../train/prepare.js';
import type { Trained } from '../trained/open.js';
import { namedAs } from './other-data.js';

/** Which samples to evaluate on: those that choose the best epoch, those left for the end, those trained on, or all there are. */
export type PartName = 'val' | 'test' | 'train' | 'all';

export const PART_NAMES: readonly PartName[] = ['val', 'test', 'train', 'all'];

/**
 * The samples that a model is evaluated on. Those of its own run are the very same, or there is an error; of other data what was
 * learnt in training makes the inputs.
 *
 * @param trained the model
 * @param plan with what is to be other than in training
 * @param about record: the run's own, null of an exported model; part: which samples; isOther: whether the data are others
 * @param surroundings told what takes long
 * @returns the samples
 * @throws UsageError when there is no such part; LossnetError when data cannot be had, or are other ones
 */
export async function evaluationData(
  trained: Trained,
  plan: Plan,
  about: {
    readonly record: RunRecord | null;
    readonly part: PartName | undefined;
    readonly isOther: boolean;
  },
  surroundings: Surroundings,
): Promise<Dataset> {
  const { record, part, isOther } = about;
  if (record !== null && !isOther) return await recalled(trained, plan, record, part ?? 'val', surroundings);
  const { type } = plan.config.dataset;
  if (isOther && (type === 'csv' || type === 'arrays' || type === 'text')) {
    if (part === undefined || part === 'all') return wholeOf(plan.config.dataset, trained.preprocessing);
    throw new UsageError(
      'LOSSNET_USAGE',
      `--part ${part}: other ${type === 'csv' ? 'tables' : type} are evaluated on as a whole.`,
      'Leave out --part.',
    );
  }
  const { onProgress } = surroundings;
  // How they would be shared out for a training is no news here.
  const quiet: Surroundings = {
    ...surroundings,
    onProgress: (notice) => notice.type !== 'note' && onProgress?.(notice),
  };
  if (record === null && (type === 'csv' || type === 'arrays' || type === 'text')) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${trained.path} is an exported model, and does not say which samples it was evaluated on.`,
      `Name data, all of which are taken: ${namedAs(type, 'new')}, or the run that it was exported from.`,
    );
  }
  const { train, eval: evaluation, test } = await loadData(plan.source, quiet);
  const parts = {
    train: [train],
    val: [evaluation],
    test: [test ?? (evaluation.identity.split === 'test' ? evaluation : null)],
    all: allOf(),
  };
  function allOf() {
    return [...new Set([train, evaluation, ...(test ? [test] : [])])];
  }
  // Pictures of one's own are not shared out once more.
  const chosen = part ?? (isOther && type === 'image_folder' ? 'all' : 'val');
  const wanted = parts[chosen].flatMap((own) => own ?? []);
  const [first] = wanted;
  if (first === undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--part ${chosen}: these data have no such samples.`,
      'Leave it out.',
    );
  }
  const whole = joined(wanted, chosen === 'all' ? 'test' : first.identity.split);
  return fitted(whole, trained);
}

async function recalled(
  { path }: Trained,
  plan: Plan,
  record: RunRecord,
  part: PartName,
  { env }: Surroundings,
): Promise<Dataset> {
  const [train, evaluation, test] = (['train', 'eval', 'test'] as const).map((which) =>
    identityOf(record, which),
  );
  if (train == null) {
    throw new UsageError(
      'LOSSNET_RUN_MISSING',
      `${path} does not say which samples it was trained and evaluated on: the first line of its metrics.jsonl is missing.`,
      'Name the data themselves, such as dataset.root=data.',
    );
  }
  const isOfTest = evaluation?.split === 'test';
  const parts = {
    train: [train],
    val: [evaluation],
    test: [test ?? (isOfTest ? evaluation : null)],
    all: [train, evaluation, test].filter((identity) => identity != null),
  };
  const wanted = parts[part].flatMap((identity) => identity ?? []);
  if (wanted.length === 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--part ${part}: ${path} has no such samples.`,
      `It has ${PART_NAMES.filter((name) => parts[name].some((identity) => identity != null)).join(', ')}.`,
    );
  }
  const root = env?.LOSSNET_DATA;
  const datasets: Dataset[] = [];
  for (const identity of wanted) {
    datasets.push(await recallDataset(plan.source, identity, root ? [root] : []));
  }
  return joined(datasets, datasets[0]!.identity.split);
}

/** Other data must be of the same kind; their classes have the numbers that they had in training. */
function fitted(dataset: Dataset, { path, preprocessing }: Pick<Trained, 'path' | 'preprocessing'>): Dataset {
  const { spec } = preprocessing;
  const differs = (what: string, here: string, there: string) =>
    new LossnetError(
      'LOSSNET_DATA_CHANGED',
      `${dataset.identity.source} has ${what} ${here}, and ${path} was trained on ${there}.`,
      'Name data of the same kind.',
    );
  if (JSON.stringify(dataset.spec.input) !== JSON.stringify(spec.input)) {
    throw differs('inputs of', nameShape(dataset.spec.input), nameShape(spec.input));
  }
  const [own, trained] = [dataset.spec.target, spec.target];
  if (own.kind === 'class' && trained.kind === 'class' && own.length !== trained.length) {
    throw differs('targets for each sample:', `${own.length ?? 1}`, `${trained.length ?? 1}`);
  }
  if (own.kind !== 'class' || trained.kind !== 'class') {
    if (own.kind !== trained.kind) throw differs('targets', own.kind, trained.kind);
    return dataset;
  }
  if (own.names.join('\n') === trained.names.join('\n'))
    return { ...dataset, spec: { ...dataset.spec, target: trained } };
  const numbers = numbersOf(own, trained, (name, meant) =>
    differs('a class', `${name}${meant ? ` (${meant}?)` : ''}`, `the classes ${trained.names.join(', ')}`),
  );
  const targets = Int32Array.from(dataset.targets, (target) => numbers[target]!);
  return { ...dataset, targets, spec: { ...dataset.spec, target: trained } };
}

function numbersOf(
  own: ClassTarget,
  trained: ClassTarget,
  differs: (name: string, meant: string | undefined) => LossnetError,
): number[] {
  return own.names.map((name) => {
    const number = trained.names.indexOf(name);
    if (number < 0) throw differs(name, nearest(name, trained.names));
    return number;
  });
}
