import { encode } from 'fast-png';
import { formatNumber } from '../../../train/formula.js';
import { documentOf } from '../../report/document.js';
import { type Html, html } from '../../report/html.js';
import { SCRIPT as READOUT } from '../../report/script.js';
import { styleSheet } from '../../report/style.js';
import type { Block, Section } from '../blocks.js';
import { SCRIPT } from './script.js';

/** A picture is shown at least so large. */
const PICTURE = 192;

/** What a page shows. */
export interface Page {
  readonly title: string;
  /** What it is about, a paragraph each. */
  readonly lead: readonly string[];
  /** Steps that one goes through, one after another. */
  readonly sections: readonly Section[];
  /** What stands in the place of steps: charts. */
  readonly body?: Html;
}

/**
 * A page as one HTML file that needs nothing else; see `documentOf`. Without its script all steps stand below each other.
 *
 * @param page what it shows
 * @returns the file's text
 */
export function pageHtml({ title, lead, sections, body }: Page): string {
  return documentOf({
    title,
    lead: lead.map((text) => html`<p class="lead">${text}</p>`),
    nav: sections.length > 0 && contents(sections),
    body: html`${sections.map(sectionHtml)}\n${body}`,
    style: `${styleSheet(0)}\n${STYLE}`,
    script: body === undefined ? SCRIPT : READOUT,
  });
}

/** The steps, and what the script needs to go through them; it stays hidden without one. */
function contents(sections: readonly Section[]): Html {
  return html`<nav class="steps" aria-label="Steps"><ol>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ol></nav>
<div class="walk" id="walk" hidden><button type="button" id="previous">Previous</button><button type="button" id="next">Next</button><span id="position" role="status"></span><label><input type="checkbox" id="all" autocomplete="off">all at once</label></div>`;
}

function sectionHtml({ id, title, code, blocks }: Section): Html {
  return html`<section class="step" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title" tabindex="-1">${title}</h2>
<p class="code"><code>${code}</code></p>
${blocks.map((block) => blockHtml(block, title))}
</section>
`;
}

function blockHtml(block: Block, title: string): Html {
  switch (block.kind) {
    case 'text':
      return html`<p>${block.text}</p>
`;
    case 'value':
      return html`<p class="value"><code>${block.name} = <strong>${block.value}</strong></code> <small>${block.says}</small></p>
`;
    case 'formula':
      return html`<dl class="formula">${block.lines.map(({ gives, formula, filled, value, says }) => {
        const result = formatNumber(value);
        const own = filled !== result && filled !== formula && html`<code>= ${filled}</code>`;
        return html`<dt><code>${gives} = ${formula}</code></dt><dd>${says !== '' && html`<small>${says}</small>`}${own}<code>= <strong>${result}</strong></code></dd>
`;
      })}</dl>`;
    case 'table':
      return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${title}"><table>
<thead><tr>${block.head.map((name) => html`<th scope="col"${block.texts.includes(name) && html` class="text"`}>${name}</th>`)}</tr></thead>
<tbody>${block.rows.map(
        ([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map(
          (cell, i) =>
            html`<td${block.texts.includes(block.head[i + 1]!) && html` class="text"`}>${cell}</td>`,
        )}</tr>
`,
      )}</tbody></table></div>`;
    case 'picture': {
      const scale = Math.max(1, Math.ceil(PICTURE / Math.max(block.width, block.height)));
      return html`<p><img class="pixels" src="${dataUrl(block)}" width="${block.width * scale}" height="${block.height * scale}" alt="${block.says}"></p>
`;
    }
    case 'reading':
      return html`<p class="reading"><code>${block.text}</code> <small>next:</small> <strong>${block.next}</strong></p>
`;
  }
}

function dataUrl({ width, height, channels, pixels }: Extract<Block, { kind: 'picture' }>): string {
  const data = Uint8Array.from(pixels);
  return `data:image/png;base64,${Buffer.from(encode({ width, height, channels, data })).toString('base64')}`;
}

/** What the page of a step needs besides the style sheet of reports. A table that goes on beyond the edge has a shadow there. */
const STYLE = `nav.steps ol{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:.8rem 0 0;padding:0 0 0 1.2rem}
nav.steps li{padding-right:.4rem}
nav.steps a[aria-current]{color:var(--ink);font-weight:700;text-decoration:none}
.walk{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .8rem;margin-top:1rem}
.walk[hidden]{display:none}
.walk button{font:inherit;min-width:6.5rem;min-height:2.75rem;padding:.3rem 1rem;color:var(--paper);background:var(--accent);border:1px solid var(--accent);border-radius:6px;cursor:pointer}
.walk button:disabled{color:var(--muted);background:var(--raised);border-color:var(--rule);cursor:default}
.walk label{display:inline-flex;align-items:center;gap:.4rem;min-height:2.75rem;cursor:pointer}
.walk input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--accent)}
#position{color:var(--muted);font-size:.875rem;font-variant-numeric:tabular-nums}
section.step[hidden]{display:none}
section.step td{white-space:nowrap}
section.step .scroll{max-height:none;background:linear-gradient(to left,var(--paper) 40%,transparent) right/2.4rem 100% no-repeat local,linear-gradient(to left,color-mix(in srgb,var(--ink) 30%,transparent),transparent) right/.9rem 100% no-repeat scroll}
h2:focus{outline:none}
code{font:.9375rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap}
.code code{display:inline-block;background:var(--raised);border-left:4px solid var(--accent);padding:.35rem .8rem}
.formula{margin:.6rem 0 1rem;padding:.6rem .9rem;background:var(--raised);border-radius:6px}
.formula dt{font-weight:600}
.formula dd{margin:.1rem 0 .8rem 1.6rem}
.formula dd:last-child{margin-bottom:0}
.formula dd>*{display:block}
.value{background:var(--raised);padding:.5rem .9rem;border-radius:6px}
.pixels{image-rendering:pixelated;max-width:100%;height:auto;border-radius:4px;background:var(--raised)}
.reading code{background:var(--raised);padding:.2rem .4rem}
@media print{.walk{display:none}section.step{break-inside:avoid}}`;
