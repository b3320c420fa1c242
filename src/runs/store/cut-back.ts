import { writeFileAtomically } from '../../base/files.js';
import { exists, readTextIfThere } from '../../base/read.js';
import type { Progress } from '../../train/checkpoint.js';
import { Damage, damaged } from './damage.js';
import { cutBackEvents } from './event-files.js';
import { epochRecords, markStandIn } from './event-record.js';
import type { Measured } from './figures.js';
import type { RunFolder } from './folder.js';
import { type LineReader, lineReader, type RunLine } from './records.js';

/** Of a run as it is resumed. */
export interface CutBackOptions {
  /** How often it has recorded a step so far. */
  readonly logEvery: number;
  /** The data set that was asked for, if another is used. */
  readonly standsInFor: string | undefined;
  /** What its task measures. */
  readonly metrics: readonly Measured[];
}

/** A line of a file, and what it says; null: it is of a kind that only a newer version knows. */
interface Line {
  readonly text: string;
  readonly record: RunLine | null;
}

/**
 * Brings the records of a run in line with its checkpoint: what came after it will be recorded again, and the last epoch,
 * which is recorded once it is saved, is put back if it did not come to that. All is read before anything is written: a run that
 * is refused stays as it is.
 *
 * @param folder the run's folder
 * @param progress where the checkpoint stands
 * @param options what decides the records
 * @returns what is lost of the time before, in words
 * @throws LossnetError when whole epochs are lost that nothing knows any more
 */
export function cutBack(folder: RunFolder, progress: Progress, options: CutBackOptions): string[] {
  const notices: string[] = [];
  const writes: (() => void)[] = [];
  const read = lineReader(options.metrics);
  if (exists(folder.metrics) || progress.step > 0) {
    const { lines, cut } = readBefore(folder.metrics, read, progress, notices);
    const isPutBack = putBackEpoch(lines, read, progress, options);
    if (isPutBack && cut)
      notices.push(`${folder.metrics} was cut short: the record of epoch ${progress.epoch} is put back`);
    checkEpochs(lines, progress, folder, notices);
    notices.push(
      ...missingRecords(lines, progress, options).map((what) => `${folder.metrics} has lost ${what}`),
    );
    writes.push(() => write(folder.metrics, lines));
  }
  if (exists(folder.timings) || progress.step > 0) {
    const { lines } = readBefore(folder.timings, read, progress, notices);
    const known = new Set(lines.flatMap(({ record }) => (record?.type === 'timing' ? record.epoch : [])));
    const lost = epochsOf(progress).filter((epoch) => !known.has(epoch));
    if (lost.length > 0) notices.push(`${folder.timings} has lost the times of ${epochList(lost)}`);
    writes.push(() => write(folder.timings, lines));
  }
  const events = cutBackEvents(folder.path, progress);
  for (const change of [...writes, ...events.writes]) change();
  return [...notices, ...events.notices];
}

/** The lines of the time before a checkpoint, and whether the last one was cut short. */
function readBefore(
  file: string,
  read: LineReader,
  progress: Progress,
  notices: string[],
): { lines: Line[]; cut: boolean } {
  const texts = readTextIfThere(file)?.split('\n') ?? [];
  const cut = (texts.pop() ?? '') !== '';
  const all = texts.flatMap((text, i): Line[] => {
    try {
      return [{ text, record: read(text) }];
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      // Of a run that begins anew nothing is kept.
      if (progress.step > 0) notices.push(`${file}:${i + 1} is damaged and left out: ${error.message}`);
      return [];
    }
  });
  const isKnown = ({ record }: Line) => record !== null && isBefore(record, progress);
  const last = all.findLastIndex(isKnown);
  return { lines: all.filter((line, i) => isKnown(line) || (line.record === null && i < last)), cut };
}

function isBefore(record: RunLine, { step, epoch }: Progress): boolean {
  switch (record.type) {
    case 'start':
      return step > 0;
    case 'step':
    case 'layers':
      return record.step <= step;
    case 'epoch':
    case 'timing':
      return record.epoch <= epoch;
    case 'diverged':
      return false;
  }
}

/** Returns whether the last whole epoch was not on record. */
function putBackEpoch(
  lines: Line[],
  read: LineReader,
  { last }: Progress,
  { standsInFor }: CutBackOptions,
): boolean {
  if (last === null || lines.some(({ record }) => record?.type === 'epoch' && record.epoch === last.epoch)) {
    return false;
  }
  const { figures } = epochRecords({
    type: 'epoch',
    ...last,
    trainSeconds: 0,
    evalSeconds: 0,
    samplesPerSecond: 0,
  });
  const text = JSON.stringify(markStandIn(figures, standsInFor));
  const next = lines.findIndex(({ record }) => record?.type === 'step' && record.step > last.step);
  lines.splice(next < 0 ? lines.length : next, 0, { text, record: read(text) });
  return true;
}

/** An earlier epoch's figures are known nowhere else. */
function checkEpochs(
  lines: readonly Line[],
  progress: Progress,
  { metrics, config }: RunFolder,
  notices: readonly string[],
): void {
  const known = new Set(lines.flatMap(({ record }) => (record?.type === 'epoch' ? record.epoch : [])));
  const lost = epochsOf(progress).filter((epoch) => !known.has(epoch));
  if (lost.length === 0) return;
  const what = `the figures of ${epochList(lost)} are lost, and no checkpoint knows them any more`;
  throw damaged(
    metrics,
    new Damage([what, ...notices].join('\n  ')),
    `Put the file back as it was, or train the run again: lossnet train ${config} --force`,
  );
}

/** What else should be there. */
function missingRecords(lines: readonly Line[], { step }: Progress, { logEvery }: CutBackOptions): string[] {
  const records = lines.flatMap(({ record }) => record ?? []);
  const isLost = (type: 'step' | 'layers') => {
    const steps = records.flatMap((record) => (record.type === type ? record.step : []));
    const last = steps.at(-1) ?? 0;
    // Unless it has recorded another share of its steps until lately.
    return last > 0 && last - (steps.at(-2) ?? 0) === logEvery && last + logEvery <= step;
  };
  return [
    ...(step > 0 && records[0]?.type !== 'start'
      ? ['its first record: of the data and the first weights']
      : []),
    ...(isLost('step') ? [`the figures of steps up to ${step}`] : []),
    ...(isLost('layers') ? [`the figures of layers up to step ${step}`] : []),
  ];
}

const epochsOf = ({ epoch }: Progress) => Array.from({ length: epoch }, (_, i) => i + 1);
const epochList = (epochs: readonly number[]) =>
  `epoch${epochs.length === 1 ? '' : 's'} ${epochs.slice(0, 5).join(', ')}${epochs.length > 5 ? ', …' : ''}`;

function write(file: string, lines: readonly Line[]): void {
  writeFileAtomically(file, lines.map(({ text }) => `${text}\n`).join(''));
}
