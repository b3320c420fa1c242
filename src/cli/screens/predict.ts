import { jsonLine, printable } from '../../base/printable.js';
import type { Answer, ClassShare, Place, Prediction } from '../../runs/predict/result.js';

/** Writes predictions as lines. */
export interface LineWriter {
  /** @returns its line, before the first one of CSV that of the headings */
  write(prediction: Prediction): readonly string[];
  /** @returns what is left to write */
  end(): readonly string[];
}

/** @param format of the lines */
export function lineWriter(format: 'jsonl' | 'csv'): LineWriter {
  if (format === 'jsonl') return { write: (prediction) => [jsonLine(recordOf(prediction))], end: () => [] };
  let head: readonly string[] | null = null;
  // What columns there are is told by the first answer.
  const waiting: Prediction[] = [];
  const begin = (first: Prediction): string[] => {
    head = headOf(first);
    return [csvLine(head), ...waiting.splice(0).map((one) => csvLine(cellsOf(one, head!)))];
  };
  return {
    write(prediction) {
      if (head !== null) return [csvLine(cellsOf(prediction, head))];
      if ('answer' in prediction) return [...begin(prediction), csvLine(cellsOf(prediction, head!))];
      waiting.push(prediction);
      return [];
    },
    end: () => (waiting.length > 0 ? begin(waiting[0]!) : []),
  };
}

/** As many digits as float32 has: more tell nothing. */
const rounded = (value: number) => Number(value.toPrecision(9));

const roundedShare = (share: ClassShare) => ({
  class: share.class,
  probability: share.probability === null ? null : rounded(share.probability),
});

const roundedValues = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));

/** What a line of JSON has. */
function recordOf(prediction: Prediction): Record<string, unknown> {
  const { input, line, sample } = prediction;
  const place: Place = {
    input,
    ...(line !== undefined && { line }),
    ...(sample !== undefined && { sample }),
  };
  if ('error' in prediction) return { ...place, error: prediction.error };
  const { answer, unseen } = prediction;
  return { ...place, ...recordOfAnswer(answer), ...(unseen && { unseen }) };
}

function recordOfAnswer(answer: Answer): Record<string, unknown> {
  switch (answer.kind) {
    case 'classes': {
      const top = answer.top.map(roundedShare);
      return { ...top[0], ...(top.length > 1 && { top }) };
    }
    case 'values': {
      const values = roundedValues(answer.values);
      const [only, ...others] = Object.values(values);
      return others.length === 0 ? { value: only } : { values };
    }
    case 'text':
      return { prompt: answer.prompt, text: answer.text };
  }
}

/** Headings, by what the first answer has. */
function headOf(prediction: Prediction): readonly string[] {
  const place = [
    'input',
    ...(prediction.line === undefined ? [] : ['line']),
    ...(prediction.sample === undefined ? [] : ['sample']),
  ];
  const answer = 'answer' in prediction ? prediction.answer : null;
  const own =
    answer === null
      ? []
      : answer.kind === 'classes'
        ? answer.top.flatMap((_, i) =>
            i === 0 ? ['class', 'probability'] : [`class_${i + 1}`, `probability_${i + 1}`],
          )
        : answer.kind === 'values'
          ? Object.keys(answer.values)
          : ['prompt', 'text'];
  return [...place, ...own, 'error'];
}

function cellsOf(prediction: Prediction, head: readonly string[]): readonly string[] {
  const cells = new Map<string, unknown>(Object.entries(prediction));
  if ('answer' in prediction) {
    const { answer } = prediction;
    if (answer.kind === 'classes') {
      for (const [i, { class: name, probability }] of answer.top.map(roundedShare).entries()) {
        cells.set(i === 0 ? 'class' : `class_${i + 1}`, name);
        cells.set(i === 0 ? 'probability' : `probability_${i + 1}`, probability ?? '');
      }
    } else {
      const own =
        answer.kind === 'values'
          ? roundedValues(answer.values)
          : { prompt: answer.prompt, text: answer.text };
      for (const [name, value] of Object.entries(own)) cells.set(name, value);
    }
  }
  return head.map((name) => `${cells.get(name) ?? ''}`);
}

const csvLine = (cells: readonly string[]) =>
  cells
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : printable(cell)))
    .join(',');
