import { createHash } from 'node:crypto';
import { VERSION } from '../../base/package.js';
import { type Content, Html, html } from './html.js';

/** What a page consists of. */
export interface PageParts {
  readonly title: string;
  /** What is said first. */
  readonly lead: Content;
  /** What leads to its parts; where there is something, it can be skipped. */
  readonly nav?: Content;
  readonly body: Content;
  readonly style: string;
  readonly script: string;
}

/**
 * A page as one HTML file that needs nothing else: a policy in it forbids the browser to load anything, and to run any script or
 * style but its own.
 *
 * @param parts of the page
 * @returns the file's text; the same for the same parts
 */
export function documentOf({ title, lead, nav, body, style, script }: PageParts): string {
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
${nav && html`<a class="skip" href="#main">Skip to the figures</a>\n`}<header><h1>${title}</h1>
${lead}
${nav && html`${nav}\n`}</header>
<main id="main"${nav && html` tabindex="-1"`}>
${body}
</main>
<footer>Written by lossnet ${VERSION}.</footer>
<script>${new Html(script)}</script>
</body>
</html>
`}`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
