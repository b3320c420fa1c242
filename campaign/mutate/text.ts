import type { Random } from '../random.js';

/** What YAML and JSON treat in ways of their own, and what people type by mistake. */
const SNIPPETS: readonly string[] = [
  ':',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '#',
  '\t',
  '\n',
  '\r\n',
  '\n\n---\n',
  '...\n',
  '&a ',
  '*a',
  '<<: *a\n',
  '!!binary ',
  '!!js/function ',
  '!<tag> ',
  '%YAML 1.1\n',
  '| ',
  '>-\n',
  '? ',
  '.nan',
  '-.inf',
  '1e999',
  '0x1F',
  '0o17',
  '1_000',
  '12:30:45',
  '2001-01-01',
  'yes',
  'null',
  '~',
  '__proto__: 1\n',
  '\u0000',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ud83d',
  '漢',
  '\\',
  '\\x',
  '\\u12',
  'a: &a [*a]\n',
  '['.repeat(200),
  '{a: '.repeat(200),
  '- '.repeat(200),
  `${'k: 1\n'.repeat(60)}`,
  'x'.repeat(3000),
];

const CHANGES: readonly ((text: string, random: Random) => string)[] = [
  function snippet(text, random) {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(SNIPPETS) + text.slice(at);
  },
  function character(text, random) {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + String.fromCharCode(random.below(0x180)) + text.slice(at + random.below(2));
  },
  function lost(text, random) {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + text.slice(at + random.between(1, 30));
  },
  function cut(text, random) {
    return text.slice(0, random.below(text.length + 1));
  },
  function lineTwice(text, random) {
    return inLines(text, (lines) => lines.splice(random.below(lines.length), 0, random.pick(lines)));
  },
  function lineLost(text, random) {
    return inLines(text, (lines) => lines.splice(random.below(lines.length), 1));
  },
  function linesSwapped(text, random) {
    return inLines(text, (lines) => {
      const [i, j] = [random.below(lines.length), random.below(lines.length)];
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    });
  },
  function indented(text, random) {
    return inLines(text, (lines) => {
      const i = random.below(lines.length);
      lines[i] = random.chance(0.5) ? ` ${lines[i]}` : lines[i]!.slice(1);
    });
  },
  function lineEnds(text) {
    return text.replaceAll('\n', '\r\n');
  },
  function comment(text, random) {
    return inLines(text, (lines) => {
      const i = random.below(lines.length);
      lines[i] = `# ${lines[i]}`;
    });
  },
];

function inLines(text: string, change: (lines: string[]) => void): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}

/** Changes a text in one place, or now and then in several. */
export function mutateText(text: string, random: Random): string {
  let changed = text;
  for (let more = true; more; more = random.chance(0.25)) changed = random.pick(CHANGES)(changed, random);
  return changed;
}
