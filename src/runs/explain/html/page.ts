import { createHash } from 'node:crypto';
import { encode } from 'fast-png';
import { VERSION } from '../../../base/package.js';
import { formatNumber } from '../../../train/formula.js';
import { Html, html } from '../../report/html.js';
import { SCRIPT as READOUT } from '../../report/script.js';
import { styleSheet } from '../../report/style.js';
import type { Block, Section } from '../blocks.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

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
 * A page as one HTML file that needs nothing else: a policy in it forbids the browser to load anything, and to run any script or
 * style but its own. Without its script all steps stand below each other.
 *
 * @param page what it shows
 * @returns the file's text
 */
export function pageHtml({ title, lead, sections, body }: Page): string {
  const style = `${styleSheet(0)}\n${STYLE}`;
  const script = body === undefined ? SCRIPT : READOUT;
  const policy = `default-src 'none'; img-src data:; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`;
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="lossnet ${VERSION}">
<title>${title} – lossnet</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header><h1>${title}</h1>
${lead.map((text) => html`<p class="lead">${text}</p>`)}
${sections.length > 0 && contents(sections)}
</header>
<main id="main" tabindex="-1">
${sections.map(sectionHtml)}
${body}
</main>
<footer>Written by lossnet ${VERSION}.</footer>
<script>${new Html(script)}</script>
</body>
</html>
`}`;
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

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
