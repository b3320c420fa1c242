import type { Config } from '../../../config/index.js';
import { probabilitiesOf } from '../../../train/loss/index.js';
import type { ExportFormat } from '../formats.js';
import { ROWS_MJS } from './javascript.js';
import { ROWS_FILES } from './names.js';
import { ROWS_PY } from './python.js';

/** In which languages models of a format are run. */
const LANGUAGES: Readonly<Record<ExportFormat, readonly (keyof typeof ROWS_FILES)[]>> = {
  savedmodel: ['python', 'javascript'],
  onnx: ['python', 'javascript'],
  tfjs: ['javascript'],
  safetensors: ['python'],
};

/**
 * The modules that make inputs of the rows of a table, and answers of outputs, for the languages that run a format. They read
 * texts and compute in float64, and nothing of that can be in every format's graph: tfjs has no texts.
 *
 * @param format of the export
 * @param config of the run
 * @returns files by name; of other data than tables none
 */
export function rowsFiles(format: ExportFormat, { dataset }: Config): ReadonlyMap<string, string> {
  if (dataset.type !== 'csv') return new Map();
  const sources = { python: ROWS_PY, javascript: ROWS_MJS };
  return new Map(LANGUAGES[format].map((language) => [ROWS_FILES[language], sources[language]]));
}

/**
 * What these modules need to know besides what was learnt from the data.
 *
 * @param config of the run
 * @returns more keys of preprocessing.json: how a table is read, and how the loss makes probabilities of outputs; of other data none
 */
export function rowsOptions({ dataset, loss }: Config): Readonly<Record<string, unknown>> {
  if (dataset.type !== 'csv') return {};
  const { header, skipLines, delimiter, missing, missingValues } = dataset;
  return {
    probabilities: probabilitiesOf(loss.type),
    table: { header, skipLines, delimiter, missing, missingValues },
  };
}
