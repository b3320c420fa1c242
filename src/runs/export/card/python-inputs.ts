import { exampleRow } from './example-row.js';
import type { CardSubject } from './subject.js';

/** Lines that make `inputs`, a batch. */
export function pythonInputs(card: CardSubject): string[] {
  const { spec, inputs, tokens } = card.preprocessing;
  const repeated = (value: string) =>
    card.record.batchSize === null || card.record.batchSize === 1
      ? `inputs = ${value}`
      : `inputs = np.repeat(${value}, ${card.record.batchSize}, axis=0)  # it takes so many at once`;
  switch (spec.input.kind) {
    case 'image': {
      const pixels = `np.asarray(picture, np.float32).reshape(1, ${spec.input.height}, ${spec.input.width}, ${spec.input.channels})`;
      return [...pictureLines(card), repeated(pixels)];
    }
    case 'features':
      if (inputs === null) {
        return [repeated(`np.zeros((1, ${spec.input.features}), np.float32)  # a row of numbers`)];
      }
      return [
        'rows = Rows(preprocessing)',
        `row = ${exampleRow(inputs)}  # of a file: rows.read(open("table.csv", encoding="utf-8-sig").read())[0]`,
        repeated('np.array([rows.encode(row)], np.float32)'),
      ];
    case 'tokens': {
      const { length } = spec.input;
      const text = `text = ("To be, or not to be: " * ${length})[:${length}]`;
      if (tokens?.level === 'byte') return [text, repeated('np.array([list(text.encode())], np.int32)')];
      return [
        text,
        'vocabulary = preprocessing["tokens"]["vocabulary"]',
        'numbers = {character: i for i, character in enumerate(vocabulary)}',
        repeated('np.array([[numbers.get(c, len(vocabulary)) for c in text]], np.int32)'),
      ];
    }
  }
}

/** Lines that make `picture`. */
function pictureLines({ preprocessing, plan }: CardSubject): string[] {
  const { input } = preprocessing.spec;
  if (input.kind !== 'image') return [];
  const size = `(${input.width}, ${input.height})`;
  const { dataset } = plan.config;
  const background = dataset.type === 'image_folder' ? dataset.background : 0;
  const colours = typeof background === 'number' ? [background, background, background] : background;
  const filter = 'Image.Resampling.BILINEAR';
  const resized = {
    cover: `ImageOps.fit(picture, ${size}, ${filter})`,
    contain: `ImageOps.pad(picture, ${size}, ${filter}, color=(${colours.join(', ')}))`,
    stretch: `picture.resize(${size}, ${filter})`,
  }[dataset.type === 'image_folder' ? dataset.resize : 'stretch'];
  return [
    'picture = ImageOps.exif_transpose(Image.open("picture.png")).convert("RGBA")',
    `picture = Image.alpha_composite(Image.new("RGBA", picture.size, (${colours.join(', ')}, 255)), picture)`,
    'picture = picture.convert("RGB")',
    `picture = ${resized}${input.channels === 1 ? '.convert("L")' : ''}`,
  ];
}
