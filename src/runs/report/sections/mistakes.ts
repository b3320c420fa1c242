import { encode } from 'fast-png';
import { formatCount, formatPercent } from '../../../base/format.js';
import type { Config } from '../../../config/index.js';
import { type Dataset, imageReader, unitOf } from '../../../train/data/dataset.js';
import type { ImageShape } from '../../../train/model/shape.js';
import type { Predictions } from '../../../train/predict.js';
import type { ClassDetail } from '../../../train/task/index.js';
import { standInOf } from '../../store/read.js';
import { chartNumber } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { textMistakes } from './token-mistakes.js';

const MOST_IMAGES = 18;
const SHADES = 10;

/** What each model gets wrong: which classes it takes for which, and its worst images. */
export function mistakes(runs: readonly ReportRun[]): Html {
  const open = bestRun(runs);
  return html`<section id="mistakes" aria-labelledby="mistakes-title"><h2 id="mistakes-title">Mistakes</h2>
${runs.map((run) => {
  const content = mistakesOf(run);
  if (runs.length === 1) return content;
  return html`<details class="run"${run === open && html` open`}><summary>${run.label}</summary>${content}</details>
`;
})}</section>`;
}

/** The one that is right most often: its mistakes are shown unfolded. */
function bestRun(runs: readonly ReportRun[]): ReportRun | undefined {
  const known = runs.filter(({ predicted }) => predicted.kind === 'classes' || predicted.kind === 'tokens');
  return known.sort((a, b) => shareRight(b) - shareRight(a) || a.line - b.line)[0];
}

function shareRight({ predicted }: ReportRun): number {
  if (predicted.kind === 'tokens') return predicted.predictions.right / predicted.predictions.counted;
  if (predicted.kind !== 'classes') return 0;
  const { targets, predicted: said, ignoreIndex } = predicted.predictions;
  const counted = targets.filter((target) => target !== ignoreIndex).length;
  return targets.filter((target, i) => target === said[i] && target !== ignoreIndex).length / counted;
}

function mistakesOf(run: ReportRun): Html {
  const { predicted, record, line, label } = run;
  if (predicted.kind === 'tokens') {
    const { dataset, predictions } = predicted;
    const { target } = dataset.spec;
    const each =
      target.kind === 'class' && target.length !== undefined
        ? `${formatCount(predictions.counted)} next characters of `
        : '';
    const sequences = each === '' ? predictions.counted : dataset.identity.records;
    return html`${whatIsRight(run, predicted, `${each}${formatCount(sequences)}`)}
${textMistakes(predictions.worst, dataset, label, line)}`;
  }
  if (predicted.kind !== 'classes') {
    const reason = predicted.kind === 'none' ? predicted.reason : 'It was not trained to tell classes apart.';
    return html`<p class="missing">No confusion matrix and no mistakes: ${reason}</p>`;
  }
  const { dataset, classes, predictions, detail } = predicted;
  return html`${whatIsRight(run, predicted, formatCount(predictions.targets.length))}
${matrix(detail.confusion, classes, line, label)}
${
  dataset.spec.input.kind === 'image' &&
  html`<h3>Worst images of ${label}</h3>
${gallery(predictions, dataset, dataset.spec.input, classes, record.config.loss.type)}`
}`;
}

/** Which model, on how many samples, and how often it is right. */
function whatIsRight(
  run: ReportRun,
  { checkpoint, dataset }: { readonly checkpoint: 'best' | 'last'; readonly dataset: Dataset },
  samples: string,
): Html {
  const { record, label } = run;
  const epoch = checkpoint === 'best' ? record.epochs.findLast(({ best }) => best) : record.epochs.at(-1);
  const standIn = standInOf(record);
  const what = `${samples} evaluation ${unitOf(dataset.spec)} of ${dataset.identity.name}`;
  return html`<p>${label}, checkpoint ${checkpoint}${epoch && ` (epoch ${epoch.epoch})`}, on ${what}${standIn && `, standing in for ${standIn}`}:
${formatPercent(shareRight(run))} right${disagreement(shareRight(run), epoch?.eval_accuracy)}.</p>`;
}

/** Evaluated again, samples on the edge between classes may fall to the other side; more than that is worth saying. */
function disagreement(share: number, recorded: number | null | undefined): string {
  if (recorded == null || Math.abs(share - recorded) < 0.005) return '';
  return `, while the run recorded ${formatPercent(recorded)} for that epoch`;
}

function matrix(
  counts: ClassDetail['confusion'],
  classes: readonly string[],
  line: number,
  label: string,
): Html {
  const id = `confusion-${line}`;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table class="confusion">
<caption id="${id}"><span>Confusion matrix of ${label}: rows are the right classes, columns what the model says, a stronger colour is a larger share
of the row.</span></caption>
<thead><tr><th scope="col">Right class</th>${classes.map((name) => html`<th scope="col"><span>${name}</span></th>`)}<th scope="col">right</th></tr></thead>
<tbody>${counts.map((row, target) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return html`<tr><th scope="row">${classes[target]}</th>${row.map((count, said) => {
      const shade = total === 0 ? 0 : Math.ceil((count / total) * SHADES);
      return html`<td class="${target === said ? 'hit' : 'miss'} shade-${shade}">${count}</td>`;
    })}<td>${total === 0 ? '–' : formatPercent(row[target]! / total).replace(/\.\d+/, '')}</td></tr>
`;
  })}</tbody></table></div>`;
}

function gallery(
  predictions: Predictions,
  dataset: Dataset,
  size: ImageShape,
  classes: readonly string[],
  loss: Config['loss']['type'],
): Html {
  const worst = worstImages(predictions, MOST_IMAGES);
  if (worst.length === 0) return html`<p>There are none: every image is classified right.</p>`;
  return html`<p>The wrongly classified images with the highest loss${scoreMeaning(loss)}.</p>
<ol class="gallery">${worst.map((index) => {
    const [target, said] = [predictions.targets[index]!, predictions.predicted[index]!];
    const names = [classes[target]!, classes[said]!];
    const scores = scoresOf(predictions, index, loss);
    return html`<li><img src="${dataUrl(dataset, size, index)}" width="${size.width}" height="${size.height}" alt="Image ${index}: ${names[0]}, taken for ${names[1]}">
<p><span>${names[0]} <small>${scores(target)}</small></span><span>taken for <strong>${names[1]}</strong> <small>${scores(said)}</small></span><small>loss ${chartNumber(predictions.losses[index]!)}</small></p></li>
`;
  })}</ol>`;
}

/** Which losses see probabilities in the model's outputs. */
function scoreMeaning(loss: Config['loss']['type']): string {
  switch (loss) {
    case 'cross_entropy':
    case 'nll':
    case 'kl_div':
      return ', with the probability that the model gives to both classes';
    case 'bce_with_logits':
      return ', with the probability that the model gives to either class by itself';
    default:
      return ', with the model’s outputs for both classes';
  }
}

/** How sure a model is of a class on an image: for losses of log-probabilities, softmax gives them back. */
function scoresOf({ outputs, classes }: Predictions, index: number, loss: string): (of: number) => string {
  const row = outputs.subarray(index * classes, (index + 1) * classes);
  switch (loss) {
    case 'cross_entropy':
    case 'nll':
    case 'kl_div': {
      const most = Math.max(...row);
      const total = row.reduce((sum, output) => sum + Math.exp(output - most), 0);
      return (of) => probability(Math.exp(row[of]! - most) / total);
    }
    case 'bce_with_logits':
      return (of) => probability(1 / (1 + Math.exp(-row[of]!)));
    default:
      return (of) => chartNumber(row[of]!);
  }
}

/** One decimal; what is less than that is not nothing. */
function probability(share: number): string {
  return share > 0 && share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

/** An image as PNG within the page. */
function dataUrl(dataset: Dataset, { width, height, channels }: ImageShape, index: number): string {
  const data = Uint8Array.from(imageReader(dataset)(index));
  return `data:image/png;base64,${Buffer.from(encode({ width, height, channels, data })).toString('base64')}`;
}

/**
 * Finds the images that a model gets most wrong.
 *
 * @param predictions classes and loss of each image; images without a loss (NaN) do not count
 * @param count how many to find, at most
 * @returns indices of wrongly classified images, the greatest loss first; of equal ones the first image first
 */
export function worstImages(
  predictions: {
    readonly targets: ArrayLike<number>;
    readonly predicted: ArrayLike<number>;
    readonly losses: ArrayLike<number>;
  },
  count: number,
): number[] {
  const { targets, predicted, losses } = predictions;
  return Array.from(targets, (_, i) => i)
    .filter((i) => predicted[i] !== targets[i] && !Number.isNaN(losses[i]))
    .sort((a, b) => losses[b]! - losses[a]! || a - b)
    .slice(0, count);
}
