/** Words that depend on the machine or on the last bits of figures, and what they become. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  // Rows of a chart: where the curves run, and how many ticks there are.
  [/^ *[\d.e-]*[┤│].*\n/gm, ''],
  [/[└┬─]{3,}/g, '─'],
  [/^ *[\d.e-]+( +[\d.e-]+)+$/gm, '#'],
  // Hashes of weights, of batches and of what is compared.
  [/\b[0-9a-f]{8}\b/g, '#'],
  [/(?<![\w.])\d+(,\d{3})*(\.\d+)*(e[+-]?\d+)?/g, '#'],
  [/# (min|s|ms|h)\b( # (min|s)\b)?/g, '# s'],
  // One epoch, two epochs.
  [/# ([a-z]{3,}?)s?\b/g, '# $1'],
  // Whether an epoch is the best so far.
  [/(# images?\/s) +best$/gm, '$1'],
  // With one core, runs share nothing.
  [/^seconds are of runs that shared the machine: alone, each takes less\n/gm, ''],
];

/**
 * What is the same on every machine in the output of a command: its words. Figures, times, hashes and curves are masked;
 * so is where lines are wrapped and how far columns are apart, since both depend on the length of figures.
 *
 * @param output what was printed
 * @returns its paragraphs
 */
export function masked(output: string): string[] {
  const words = WORDS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), output);
  return words
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replace(/\s+/g, ' '))
    .filter((paragraph) => paragraph !== '');
}

/** The texts in an SVG, masked likewise; ticks, being figures, are one. */
export function maskedTexts(svg: string): string[] {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    masked(text).join(' '),
  );
  return [...new Set(texts)].sort();
}
