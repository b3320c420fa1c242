import { plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import type { Check } from '../../runs/doctor/check.js';
import { doctor } from '../../runs/doctor/doctor.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import type { Style } from '../ui/style.js';

/** Names are as long as this, mostly. */
const NAME_COLUMNS = 26;
/** Columns of a level, and what stands below a name, in as much. */
const BESIDE = 9;
const INDENT = ' '.repeat(BESIDE);
const WORDS = 'Stopping.';

/**
 * Shows what there is of all that training needs.
 *
 * @param json whether to print one JSON object at the end
 * @param fetch data sets to be downloaded, none named: all; undefined: they are only looked for
 * @param io where to show it
 * @returns the exit code: 1 when training would fail
 */
export async function showDoctor(
  json: boolean,
  fetch: readonly string[] | undefined,
  io: Io,
): Promise<ExitCode> {
  const stop = listenForSignals(io, { words: WORDS });
  const checks: Check[] = [];
  try {
    const surroundings = { env: io.env, signal: stop.signal, onProgress: showNotices(io), fetch };
    for await (const check of doctor(surroundings)) {
      checks.push(check);
      if (!json)
        for (const line of linesOf(check, io.style.out)) io.say(line, line.startsWith(' ') ? 2 : BESIDE);
    }
    if (stop.exitCode !== undefined) return stop.exitCode;
  } finally {
    stop.release();
  }
  const count = (level: Check['level']) => checks.filter((check) => check.level === level).length;
  const problems = count('problem');
  if (json) io.print(jsonLine({ type: 'doctor', works: problems === 0, checks }));
  else {
    const failed = fetch === undefined ? 'training would fail here' : 'not everything is provided';
    const notes = count('note') === 0 ? '' : `, ${plural(count('note'), 'note')}`;
    io.print(
      problems === 0
        ? `${io.style.out.green('training works here')}${notes}`
        : `${io.style.out.red(failed)}: ${plural(problems, 'problem')}${notes}`,
    );
  }
  return problems === 0 ? EXIT.done : EXIT.failed;
}

function linesOf({ name, level, text, help }: Check, style: Style): string[] {
  const colour = { ok: style.green, note: style.yellow, problem: style.red }[level];
  const [first = '', ...rest] = text.split('\n');
  return [
    `${colour(level.padEnd(8))} ${name.padEnd(NAME_COLUMNS)} ${first}`,
    ...rest.map((line) => `${INDENT}${line}`),
    ...help.map((line) => `${INDENT}→ ${line}`),
  ];
}
