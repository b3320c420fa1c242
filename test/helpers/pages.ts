import { readdirSync, readFileSync } from 'node:fs';

/** The project's folder. */
export const ROOT = new URL('../..', import.meta.url).pathname;

/** The pages for users, relative to the project's folder. */
export const PAGES = [
  'README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function readPage(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

/** A fenced block of Markdown: its language, the words behind it, and what stands in it. */
export interface Block {
  readonly language: string;
  readonly options: readonly string[];
  readonly body: string;
}

const FENCED = /^```([^\n]*)\n(.*?)^```$/gms;

export function blocksOf(text: string): Block[] {
  return [...text.matchAll(FENCED)].map(([, info = '', body = '']) => {
    const [language = '', ...options] = info.split(' ');
    return { language, options, body };
  });
}

/** The text with other bodies in its fenced blocks, each by its place among them; undefined: the body stays. */
export function withBodies(text: string, bodies: readonly (string | undefined)[]): string {
  let at = 0;
  return text.replace(FENCED, (block, info: string) => {
    const body = bodies[at++];
    return body === undefined ? block : `\`\`\`${info}\n${body}\`\`\``;
  });
}

/** The value of an option `key=value` of a block. */
export function option({ options }: Block, key: string): string | undefined {
  return options.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}

/** A picture that a command draws: where the page shows it, and where the command writes it. */
export interface Picture {
  /** Relative to the page. */
  readonly shown: string;
  /** Relative to the folder in which the commands are run. */
  readonly drawn: string;
}

/** The pictures behind a comment that names their file: `<!-- drawn: runs/x/report.svg -->`. */
export function picturesOf(text: string): Picture[] {
  const found = text.matchAll(/^<!-- drawn: (\S+) -->\n+!\[[^\]]*\]\(([^)]+)\)$/gm);
  return [...found].map(([, drawn = '', shown = '']) => ({ drawn, shown }));
}
