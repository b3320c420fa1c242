import type { Config } from '../../../config/index.js';
import type { FittedInput, Preprocessing } from '../../../train/data/preprocessing.js';
import type { ExportRecord } from '../record.js';
import { rowsFiles } from '../rows/files.js';
import type { CardSubject } from './subject.js';

/** More rows are left to preprocessing.json. */
const MOST_ROWS = 100;

type Folder = Extract<Config['dataset'], { readonly type: 'image_folder' }>;

/**
 * How inputs are made, in words.
 *
 * @returns paragraphs and tables of the card
 */
export function inputsText({ record, preprocessing, plan }: CardSubject): string[] {
  const { input } = record;
  const sizes = input.shape.map((size) => size ?? 'n').join(', ');
  const head = `\`${input.name}\`, ${input.dtype}, [${sizes}]`;
  switch (preprocessing.spec.input.kind) {
    case 'image':
      return [
        `${head}: pictures, row by row from the top, ${
          preprocessing.spec.input.channels === 1 ? 'shades of grey' : 'each pixel as red, green and blue'
        }, from 0 to 255.`,
        pictureText(plan.config),
        scalingText(record.format, plan.config),
      ];
    case 'features':
      return [
        `${head}: ${featuresText(preprocessing, record.format, plan.config)}`,
        ...columnsTable(preprocessing.inputs ?? [], plan.config),
      ];
    case 'tokens':
      return [`${head}: ${tokensText(preprocessing)}`];
  }
}

function pictureText({ dataset }: Config): string {
  if (dataset.type !== 'image_folder') return 'They must have exactly this size.';
  const how = {
    cover: 'made just as large that it covers this size, what is too long cut off evenly on both sides',
    contain: 'made just as small that it fits into this size, with a border of the background',
    stretch: 'brought to this size, whatever its shape',
  } as const;
  return [
    `A picture is turned as its EXIF orientation says and brought to sRGB;`,
    `what is transparent shows the background, ${backgroundText(dataset)}; then it is ${how[dataset.resize]}.`,
    'The filter is bilinear, widened where the picture becomes smaller (antialiasing), as Pillow has it.',
  ].join(' ');
}

const backgroundText = ({ background }: Folder) =>
  typeof background === 'number' ? `a grey of ${background}` : `[${background.join(', ')}]`;

function scalingText(format: ExportRecord['format'], { transforms: { scale, normalize } }: Config): string {
  const steps = [
    ...(scale ? ['divided by 255'] : []),
    ...(normalize
      ? [`then made (x - mean) / std, mean [${normalize.mean.join(', ')}], std [${normalize.std.join(', ')}]`]
      : []),
  ];
  if (steps.length === 0) return 'Pixels go in as they are.';
  return format === 'safetensors'
    ? `Pixels must be ${steps.join(', ')}: these files hold weights alone.`
    : `Inside the model pixels are ${steps.join(', ')}: give it bytes as they are.`;
}

function featuresText({ inputs }: Preprocessing, format: ExportRecord['format'], config: Config): string {
  if (inputs === null) return 'numbers as they are.';
  const modules = [...rowsFiles(format, config).keys()].map((name) => `\`${name}\``);
  return [
    'numbers made of columns as follows, computed in float64 and rounded to float32.',
    `${modules.join(' and ')} ${modules.length === 1 ? 'does' : 'do'} it, with what preprocessing.json says: no package is needed.`,
    'A category that is not listed is 0 everywhere.',
    ...(fillsIn(config) ? [] : ['No column may lack a value: training filled in none.']),
  ].join(' ');
}

const fillsIn = ({ dataset }: Config) =>
  dataset.type === 'csv' && ['mean', 'median', 'constant'].includes(dataset.missing);

function columnsTable(inputs: readonly FittedInput[], config: Config): string[] {
  if (inputs.length === 0) return [];
  const fills = fillsIn(config);
  const rows = inputs.slice(0, MOST_ROWS).map((input) => {
    const encoding = fills ? `${encodingOf(input)}; missing: ${fillOf(input)}` : encodingOf(input);
    return `| ${cell(input.column)} | ${input.kind} | ${cell(encoding)} |`;
  });
  const rest = inputs.length - rows.length;
  return [
    ['| column | kind | inputs |', '| --- | --- | --- |', ...rows].join('\n'),
    ...(rest > 0 ? [`${rest} more are in preprocessing.json.`] : []),
  ];
}

function encodingOf(input: FittedInput): string {
  switch (input.kind) {
    case 'number':
      return `(x - ${input.mean}) / ${input.std}`;
    case 'boolean':
      return '1 for true, yes, y, t and 1; 0 for false, no, n, f and 0';
    case 'category': {
      const { categories } = input;
      const shown = categories.slice(0, 10).join(', ');
      const more = categories.length > 10 ? ` and ${categories.length - 10} more` : '';
      return `one for each of ${shown}${more}: 1 where it is that, else 0`;
    }
  }
}

function fillOf(input: FittedInput): string {
  if (input.kind === 'number') return `x = ${input.fill}`;
  return `${input.fill ?? 'all 0'}`;
}

/** What would end a cell, or begin something of Markdown, stands for itself. */
export const cell = (text: string): string =>
  text.replaceAll('\n', ' ').replace(/[\\|`*_<>[\]]/g, (character) => `\\${character}`);

function tokensText({ tokens, spec }: Preprocessing): string {
  const vocabulary = spec.input.kind === 'tokens' ? spec.input.vocabulary : 0;
  if (tokens?.level === 'byte') return 'the bytes of a text in UTF-8, the last ones that are known.';
  return `the characters of a text as numbers, the last ones that are known: their positions in \`tokens.vocabulary\` of preprocessing.json, counted from 0; ${vocabulary - 1} for any that is not there.`;
}
