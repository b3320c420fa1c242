import type { Plan } from '../../../config/index.js';
import type { RunRecord } from '../../store/read.js';
import type { ExportRecord } from '../record.js';

/** What a model card is about. */
export interface CardSubject {
  readonly run: RunRecord;
  readonly plan: Plan;
  readonly record: Omit<ExportRecord, 'lossnet'>;
  readonly license: string;
}

export function modelCard({ run }: CardSubject): string {
  return `# ${run.name}\n`;
}
