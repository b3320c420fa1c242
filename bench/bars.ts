const WIDTH = 960;
const HEIGHT = 420;
const LEFT = 48;
const RIGHT = 16;
const TOP = 92;
const BOTTOM = 40;
/** Share of a group's width that stays empty. */
const GAP = 0.16;
const KEYS_PER_ROW = 4;

// Distinct in grey as well; lossnet's own is the strongest.
const COLOURS = [
  '#1b4f8f',
  '#7fb0e0',
  '#f0a830',
  '#b8402a',
  '#e58068',
  '#f3c2b2',
  '#5b8f5a',
  '#8a6fb0',
  '#c0a8dd',
];

/** Ratios in groups. */
export interface BarChart {
  /** For who cannot see it. */
  readonly title: string;
  /** Above the chart. */
  readonly heading: string;
  /** What each bar of a group is. */
  readonly names: readonly string[];
  /** Values in the order of the names; null: it is not there. */
  readonly groups: readonly { readonly title: string; readonly values: readonly (number | null)[] }[];
  /** Digits behind the point. */
  readonly digits: number;
}

/**
 * Draws groups of bars, and a line at 1.
 *
 * @param chart what they are
 * @returns an SVG image
 */
export function barChart({ title, heading, names, groups, digits }: BarChart): string {
  const highest = Math.max(1, ...groups.flatMap(({ values }) => values.filter((value) => value !== null)));
  const tick = tickSize(highest);
  const top = Math.ceil(highest / tick) * tick;
  const y = (ratio: number) => HEIGHT - BOTTOM - (ratio / top) * (HEIGHT - TOP - BOTTOM);
  const groupWidth = (WIDTH - LEFT - RIGHT) / Math.max(groups.length, 1);
  const barWidth = (groupWidth * (1 - GAP)) / Math.max(names.length, 1);

  const lines = Array.from({ length: Math.round(top / tick) + 1 }, (_, i) => gridLine(i * tick, y(i * tick)));
  const bars = groups.flatMap(({ title: name, values }, group) => {
    const left = LEFT + group * groupWidth;
    const own = values.flatMap((ratio, peer) => (ratio === null ? [] : [{ peer, ratio }]));
    return [
      text(left + groupWidth / 2, HEIGHT - BOTTOM + 22, name, 'middle', 14),
      ...own.flatMap(({ peer, ratio }, place) => {
        const first = left + (groupWidth - own.length * barWidth) / 2;
        const x = first + place * barWidth;
        return [
          `<rect x="${at(x)}" y="${at(y(ratio))}" width="${at(barWidth - 1)}" height="${at(y(0) - y(ratio))}" fill="${COLOURS[peer % COLOURS.length]}"/>`,
          text(x + barWidth / 2, y(ratio) - 4, ratio.toFixed(digits), 'middle', 10),
        ];
      }),
    ];
  });
  const one = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(1))}" y2="${at(y(1))}" stroke="#222" stroke-dasharray="5 4"/>`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" fill="#222">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 22, heading, 'start', 16),
    ...names.flatMap((name, peer) => key(peer, name)),
    ...lines,
    ...bars,
    one,
    '</svg>',
  ].join('\n')}\n`;
}

/** A step of 1, 2 or 5 times a power of ten that makes at most eight of them. */
function tickSize(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest / 8));
  return power * ([1, 2, 5].find((step) => step * power * 8 >= highest) ?? 10);
}

function key(peer: number, title: string): string[] {
  const x = LEFT + (peer % KEYS_PER_ROW) * ((WIDTH - LEFT - RIGHT) / KEYS_PER_ROW);
  const y = 34 + Math.floor(peer / KEYS_PER_ROW) * 16;
  return [
    `<rect x="${at(x)}" y="${y}" width="11" height="11" fill="${COLOURS[peer % COLOURS.length]}"/>`,
    text(x + 16, y + 10, title, 'start', 12),
  ];
}

function gridLine(value: number, y: number): string {
  const label = text(LEFT - 6, y + 4, `${Number(value.toPrecision(3))}`, 'end', 12);
  return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y)}" y2="${at(y)}" stroke="#ddd"/>${label}`;
}

const text = (
  x: number,
  y: number,
  words: string,
  anchor: 'start' | 'middle' | 'end',
  size: number,
): string => `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" font-size="${size}">${words}</text>`;

const at = (x: number): string => x.toFixed(1);
