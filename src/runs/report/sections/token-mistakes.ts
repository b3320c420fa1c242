import { formatCount, formatPercent } from '../../../base/format.js';
import type { Dataset } from '../../../train/data/dataset.js';
import { characterOf } from '../../../train/data/sources/text/tokens.js';
import type { TokenMistake } from '../../../train/predict-tokens.js';
import type { TokenDetail } from '../../../train/task/index.js';
import { type Html, html } from '../html.js';

/** So much of what stands before is shown. */
const MOST_BEFORE = 48;
const MOST_TOKENS = 30;

/**
 * The worst mistakes of a model of texts, each with what stands before.
 *
 * @param worst the mistakes
 * @param dataset whose samples they are of
 * @param label of the run
 * @param line its place in the report
 */
export function textMistakes(
  worst: readonly TokenMistake[],
  dataset: Dataset,
  label: string,
  line: number,
): Html {
  if (worst.length === 0) return html`<p>There are none: every next character is told right.</p>`;
  const { names } = dataset.spec.target;
  const id = `texts-${line}`;
  const sure = (share: number | undefined) => share !== undefined && html` <small>${likely(share)}</small>`;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}"><span>Worst mistakes of ${label}: the end of what it saw, what came next, and what it said, with its probability of both.</span></caption>
<thead><tr><th scope="col">Seen</th><th scope="col">next</th><th scope="col">said</th><th scope="col">where</th></tr></thead>
<tbody>${worst.map(
    ({
      record,
      at,
      target,
      said,
      sure: both,
    }) => html`<tr><td><code>${seenBefore(dataset, record, at)}</code></td>
<td><strong>${names[target]}</strong>${sure(both?.target)}</td><td><strong>${names[said]}</strong>${sure(both?.said)}</td><td>${dataset.nameOf?.(record, at)}</td></tr>
`,
  )}</tbody></table></div>`;
}

/** The tokens that cost a model most, or come most often where its loss makes no probabilities. */
export function tokenTable({ tokens }: TokenDetail, what: string, line: number): Html {
  const cost = ({ bits, support }: (typeof tokens)[number]) => (bits ?? 0) * support;
  const all = tokens.reduce((sum, token) => sum + cost(token), 0);
  const shown = tokens
    .filter(({ support }) => support > 0)
    .sort((a, b) => cost(b) - cost(a) || b.support - a.support)
    .slice(0, MOST_TOKENS);
  const id = `tokens-${line}`;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}"><span>The characters that cost most, by ${what}. Bits: the mean of -log2 of the probability that the model gives to the character
where it comes next; share: its part of the bits of all.</span></caption>
<thead><tr><th scope="col">Next</th><th scope="col">support</th><th scope="col">told right</th><th scope="col">bits</th><th scope="col">share</th></tr></thead>
<tbody>${shown.map(
    (
      token,
    ) => html`<tr><th scope="row">${token.name}</th><td>${formatCount(token.support)}</td><td>${formatPercent(token.right / token.support)}</td>
<td>${token.bits === null ? '–' : token.bits.toFixed(3)}</td><td>${all === 0 ? '–' : formatPercent(cost(token) / all)}</td></tr>
`,
  )}</tbody></table></div>`;
}

/** The tokens of a sample before one of its targets, or their end. */
function seenBefore({ inputs, spec }: Dataset, record: number, at: number): string {
  const { input, target } = spec;
  if (!('tokens' in inputs) || input.kind !== 'tokens' || target.kind !== 'class')
    throw new Error('a text has tokens');
  const seen = target.length === undefined ? input.length : at + 1;
  const end = record * inputs.stride + seen;
  const from = end - Math.min(MOST_BEFORE, seen);
  return [...inputs.tokens.subarray(from, end)].map((id) => characterOf(target.names[id]!)).join('');
}

/** What is less than one decimal is not nothing. */
const likely = (share: number) => (share > 0 && share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`);
