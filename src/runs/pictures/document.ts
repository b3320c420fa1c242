import { createHash } from 'node:crypto';
import { VERSION } from '../../base/package.js';
import { type Content, Html, html } from '../report/html.js';
import { styleSheet } from '../report/style.js';

/** A page of one picture and what belongs to it. */
export interface PictureDocument {
  readonly title: string;
  /** What is said first. */
  readonly lead: string;
  readonly body: Content;
  /** Rules besides those of the report. */
  readonly style: string;
  readonly script: string;
}

/**
 * A page that needs nothing else, in the style of the report: a policy in it forbids the browser to load anything, and to run any
 * script or style but its own.
 *
 * @param document what it shows
 * @returns the file's text; the same for the same document
 */
export function documentOf({ title, lead, body, style: own, script }: PictureDocument): string {
  const style = `${styleSheet(0)}\n${own}`;
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`;
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
<header><h1>${title}</h1><p class="lead">${lead}</p></header>
<main id="main">
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
