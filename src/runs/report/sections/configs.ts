import { type ConfigRow, compareConfigs } from '../config-diff.js';
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
