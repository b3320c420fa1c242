import { stringify } from 'yaml';
import { formatCount, plural } from '../../../base/format.js';
import { VERSION } from '../../../base/package.js';
import { configToYaml, type Plan } from '../../../config/index.js';
import { probabilitiesOf } from '../../../train/loss/index.js';
import { bareName } from '../../../train/task/index.js';
import { identityOf } from '../../store/read.js';
import { MODEL_FILES } from '../formats.js';
import type { ExportRecord } from '../record.js';
import type { Subject } from '../subject.js';
import { type CardFigure, type Checkpoint, dataText, figuresOfWeights, figuresText } from './figures.js';
import { cell, inputsText } from './inputs.js';
import { snippetsOf } from './snippets.js';
import type { CardSubject, Snippet } from './subject.js';

/** More names are left to preprocessing.json. */
const MOST_NAMES = 200;

const FORMATS: Readonly<Record<ExportRecord['format'], string>> = {
  savedmodel: "TensorFlow's SavedModel",
  onnx: 'ONNX',
  tfjs: 'a graph model of tfjs',
  safetensors: "weights under PyTorch's names",
};

/**
 * Writes a model card as Hugging Face reads them: data, figures, how to make inputs and use the model, and how it was trained.
 *
 * @param card what it is about
 * @param subject the model
 * @returns the content of README.md
 * @source https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(card: CardSubject, subject: Subject): string {
  const { run, plan, record } = card;
  const figures = figuresOfWeights(run, checkpointOf(record));
  const epochs = run.summary?.epochs ?? run.epochs.length;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Data', dataText(run)],
    ['Figures', figuresText(run, figures)],
    ['Input', inputsText(card)],
    ['Output', outputsText(card)],
    ['Use', snippetsOf(card, subject).flatMap(useOf)],
    [
      'Training',
      [
        `${plural(epochs, 'epoch')} with lossnet, seed ${plan.config.seed}; config.yaml is the whole configuration:`,
        `\`\`\`yaml\n${configToYaml(plan.resolved.yaml).trimEnd()}\n\`\`\``,
      ],
    ],
  ];
  return [
    frontMatter(card, figures),
    `# ${cell(run.name)}`,
    `${titleOf(card)}, trained with lossnet and written by version ${VERSION} as ${FORMATS[record.format]}: \`${MODEL_FILES[record.format]}\`, ${formatCount(plan.model.parameterCount)} parameters, from ${record.checkpoint.file} (sha256 \`${record.checkpoint.sha256.slice(0, 16)}\`).`,
    ...sections.flatMap(([title, paragraphs]) => [`## ${title}`, ...paragraphs]),
  ]
    .join('\n\n')
    .concat('\n');
}

const useOf = ({ language, code, needs }: Snippet) => [
  `It needs ${needs}`,
  `\`\`\`${language}\n${code}\n\`\`\``,
];

/** Which of its run's weights it has. */
function checkpointOf({ checkpoint: { file } }: CardSubject['record']): Checkpoint {
  return file === 'best.safetensors' ? 'best' : file === 'last.safetensors' ? 'last' : null;
}

/** Hugging Face's name for what the model does; null: it has none. */
function taskOf({ preprocessing: { spec } }: CardSubject): string | null {
  if (spec.input.kind === 'tokens') return 'text-generation';
  const kind = spec.target.kind === 'class' ? 'classification' : 'regression';
  if (spec.input.kind === 'features') return `tabular-${kind}`;
  return kind === 'classification' ? 'image-classification' : null;
}

function titleOf({ preprocessing: { spec } }: CardSubject): string {
  const { target, input } = spec;
  const of = { image: 'pictures', features: 'rows', tokens: 'text' }[input.kind];
  if (target.kind === 'value') return `A model that tells ${plural(target.names.length, 'value')} of ${of}`;
  if (target.of === 'token') return `A model that tells the next of ${plural(target.names.length, 'token')}`;
  return `A model that tells ${target.names.length} classes of ${of} apart`;
}

function frontMatter(card: CardSubject, figures: readonly CardFigure[]): string {
  const { run, record, license } = card;
  const task = taskOf(card);
  const identity = identityOf(run, 'eval');
  const data = identity?.name ?? run.config.dataset.type;
  const result = {
    task: { type: task ?? 'other' },
    dataset: { name: data, type: data, ...(identity && { split: identity.split }) },
    metrics: figures.map(({ name, value }) => ({ type: bareName(name), name, value })),
  };
  const tags = ['lossnet', record.format, ...(task ? [task] : [])];
  return `---\n${stringify({
    license,
    ...(task && { pipeline_tag: task }),
    tags,
    'model-index': figures.length === 0 ? undefined : [{ name: run.name, results: [result] }],
  })}---`;
}

function outputsText({ preprocessing, record, plan }: CardSubject): string[] {
  const { target } = preprocessing.spec;
  const { output } = record;
  const sizes = output.shape.map((size) => size ?? 'n').join(', ');
  const head = `\`${output.name}\`, float32, [${sizes}]`;
  const names = [
    namesText(target.names),
    ...(target.names.length > MOST_NAMES ? ['preprocessing.json has all of them.'] : []),
  ];
  if (target.kind === 'value') {
    const isRaw = record.format === 'safetensors' && target.std;
    const units = isRaw
      ? `as training has them: y = output * std + mean gives them in their own units, std [${target.std!.join(', ')}], mean [${target.mean!.join(', ')}]`
      : 'in their own units';
    return [`${head}: real values, ${units}.`, ...names];
  }
  const how = {
    softmax: 'the greatest is the class; probabilities are their softmax',
    sigmoids: 'the greatest is the class; each by its sigmoid is a probability',
    none: 'the greatest is the class',
  }[probabilitiesOf(lossOf(plan)) ?? 'none'];
  const next =
    target.length === undefined
      ? 'for each token that may come next'
      : 'after each token that goes in, for each that may come next; those after the last are the last row';
  const of = target.of === 'token' ? next : 'for each class';
  return [`${head}: a number ${of}; ${how}.`, ...names];
}

const lossOf = ({ config }: Plan) => config.loss.type;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name, i) => `${i} ${cell(name)}`);
  return `${shown.join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`;
}
