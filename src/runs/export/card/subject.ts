import type { Plan } from '../../../config/index.js';
import type { Preprocessing } from '../../../train/data/preprocessing.js';
import type { RunRecord } from '../../store/read.js';
import type { ExportRecord } from '../record.js';

/** What a model card is about. */
export interface CardSubject {
  readonly run: RunRecord;
  readonly plan: Plan;
  readonly preprocessing: Preprocessing;
  readonly record: Omit<ExportRecord, 'lossnet'>;
  readonly license: string;
}

/** A piece of code that runs as it stands, beside the files of the export. */
export interface Snippet {
  readonly language: 'python' | 'html' | 'js';
  readonly code: string;
  /** What it needs. */
  readonly needs: string;
}
