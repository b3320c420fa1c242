import type { ConfigYaml } from '../../../config/index.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';

/** The configurations side by side: first what differs, then all keys. */
export function configs(runs: readonly ReportRun[]): Html {
  const rows = compareConfigs(runs.map(({ record }) => record.config));
  const differing = rows.filter(({ differs }) => differs);
  const all = table(rows, runs, 'All keys, defaults filled in', 'configs-all');
  return html`<section id="configs" aria-labelledby="configs-title"><h2 id="configs-title">Configuration</h2>
${runs.length > 1 && (differing.length === 0 ? html`<p>The configurations are the same, except for their names.</p>` : table(differing, runs, 'Keys that differ', 'configs-differing'))}
<details><summary>All ${rows.length} keys</summary>${all}</details>
</section>`;
}

function table(rows: readonly ConfigRow[], runs: readonly ReportRun[], caption: string, id: string): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table class="configs">
<caption id="${id}"><span>${caption}. – : the run has no such key.</span></caption>
<thead><tr><th scope="col">Key</th>${runs.map(({ label, line }) => html`<th scope="col" class="run-${line}">${label}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({
      key,
      values,
      differs,
    }) => html`<tr${differs && html` class="differs"`}><th scope="row"><code>${key}</code>${differs && html`<span class="visually-hidden"> (differs)</span>`}</th>${values.map(
      (value, i) => html`<td class="text run-${runs[i]!.line}">${value ?? '–'}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;
}

/** One key of several configurations. */
export interface ConfigRow {
  /** Dotted path, such as `optimizer.lr`. */
  readonly key: string;
  /** What each configuration has there, as text; null: no such key. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

/** The names of runs and where they are kept always differ and decide nothing. */
const NAMES = new Set(['name', 'runs_dir']);

/**
 * Lays configurations side by side.
 *
 * @param configs resolved configurations
 * @returns a row for each key that any of them has, in the order in which they stand there
 */
export function compareConfigs(configs: readonly ConfigYaml[]): ConfigRow[] {
  const columns = configs.map((config) => new Map(leaves(config)));
  return keysInOrder(columns.map((column) => [...column.keys()])).map((key) => {
    const values = columns.map((column) => column.get(key) ?? null);
    return { key, values, differs: !NAMES.has(key) && new Set(values).size > 1 };
  });
}

/** A key that only some have goes behind the one that it follows there, so that blocks stay together. */
function keysInOrder(lists: readonly (readonly string[])[]): string[] {
  const keys: string[] = [];
  for (const list of lists) {
    let at = 0;
    for (const key of list) {
      const found = keys.indexOf(key);
      if (found < 0) keys.splice(at, 0, key);
      at = (found < 0 ? at : found) + 1;
    }
  }
  return keys;
}

/** Every value that is no block; lists of plain values count as one. */
function leaves(value: unknown, path: readonly string[] = []): [key: string, text: string][] {
  const isBlock = typeof value === 'object' && value !== null;
  const isPlainList =
    Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
  if (!isBlock || isPlainList || Object.keys(value).length === 0) {
    return path.length === 0 ? [] : [[path.join('.'), valueText(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
