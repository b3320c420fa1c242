import { formatCount, plural } from '../../base/format.js';
import { jsonLine, printableName } from '../../base/printable.js';
import { displayWidth } from '../../config/problems/text.js';
import { nearestSpelling } from '../../config/validate/spelling.js';
import { type Initialised, type InitOptions, InitQuestion, initConfig } from '../../runs/init/init.js';
import { bringConfigs } from '../../runs/init/shipped.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { ask, canAsk } from '../ui/ask.js';
import { textTable } from '../ui/table.js';

/** What can be trained without data and without a network. */
const FIRST = /shapes-sgd\.yaml$/;

/**
 * Writes a configuration for data of one's own, and says so. On a terminal it asks what it cannot tell.
 *
 * @param data that were named
 * @param options what cannot be found out, and where to write
 * @param json whether to print one JSON object
 * @param io where to ask and to show it
 * @returns the exit code
 */
export async function showInit(data: string, options: InitOptions, json: boolean, io: Io): Promise<ExitCode> {
  const written = await initOrAsk(data, options, io);
  if (written === null) return EXIT.interrupted;
  const { file, told, parameters } = written;
  if (json) io.print(jsonLine({ type: 'init', file, told, parameters }));
  else {
    io.say(
      `${io.style.out.bold('wrote')} ${file}: ${told}; a model of ${formatCount(parameters)} parameters`,
    );
    io.say(`next: lossnet data ${file}, then lossnet train ${file}`);
  }
  return EXIT.done;
}

/** null: whoever was asked went away. */
async function initOrAsk(data: string, options: InitOptions, io: Io): Promise<Initialised | null> {
  try {
    return await initConfig(data, options);
  } catch (error) {
    if (!(error instanceof InitQuestion) || !canAsk(io)) throw error;
    const answer = await chosen(error, io);
    return answer === null ? null : initOrAsk(data, { ...options, [error.option]: answer }, io);
  }
}

async function chosen({ message, choices, option }: InitQuestion, io: Io): Promise<string | null> {
  const width = `${choices.length}`.length;
  io.log(`${message}:`);
  for (const [i, name] of choices.entries())
    io.log(`  ${`${i + 1}`.padStart(width)}  ${printableName(name)}`);
  // What is to be told mostly stands last, and what it is told from first.
  const usual = option === 'target' ? choices.length : 1;
  for (;;) {
    const answer = await ask(io, `Which is it? Its number or name [${usual}]: `);
    if (answer === null) return null;
    const at = answer === '' ? usual : Number(answer);
    // A name that is a number comes before a position.
    const name = choices.includes(answer) ? answer : choices[at - 1];
    if (name !== undefined) return name;
    const meant = nearestSpelling(answer, choices);
    io.log(`There is no ${printableName(answer)}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
}

/**
 * Brings lossnet's own configurations to a folder, and says what they are about.
 *
 * @param folder where to write them
 * @param options force: replace other files; json: print one JSON object
 * @param io where to show it
 * @returns the exit code
 */
export function showBrought(
  folder: string,
  { force, json }: { readonly force: boolean; readonly json: boolean },
  io: Io,
): ExitCode {
  const { configs, written } = bringConfigs(folder, { force });
  if (json) {
    io.print(jsonLine({ type: 'configs', folder, configs, written }));
    return EXIT.done;
  }
  const rows = configs.map(({ file, about }) => [file, about]);
  const table = { head: ['configuration', 'about'], rows, texts: ['configuration', 'about'] };
  const beside = Math.max(...rows.map(([file]) => displayWidth(file!)), table.head[0]!.length) + 2;
  for (const line of textTable(table, io.style.out.bold, Number.POSITIVE_INFINITY)) io.say(line, beside);
  io.say(
    written.length === 0
      ? `all of them were in ${folder} already, and nothing was written`
      : `${io.style.out.bold('wrote')} ${plural(written.length, 'file')} to ${folder}: configurations, data for them, and schema.json for editors`,
  );
  const first = configs.find(({ file }) => FIRST.test(file));
  if (first !== undefined) io.print(`next: lossnet train ${first.file}`);
  return EXIT.done;
}
