import type { Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { shellWord } from '../base/printable.js';
import type { Key } from './flag-keys.js';

/** An option that is none, and stands for a value of the configuration. */
interface Flag {
  /** As it was typed, without its value. */
  readonly text: string;
  readonly keys: readonly Key[];
  readonly value: string;
}

/** The arguments of a command, sorted out. */
interface Sorted {
  readonly flags: readonly Flag[];
  /** The others, and where among them the last operand ends. */
  readonly others: readonly string[];
  readonly end: number;
}

/**
 * Refuses what other programs would take, and shows the whole command as it is written here: `lossnet fit c.yaml --lr 0.1` is
 * `lossnet train c.yaml optimizer.lr=0.1`. Whatever else is wrong is left to commander.
 *
 * @param args the arguments, without `node` and the program
 * @param root the program with its commands
 * @throws UsageError when a command or an option is called otherwise here
 */
export async function refuseMisnamed(args: readonly string[], root: Command): Promise<void> {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const typed = args[at];
  if (typed === undefined) return;
  const find = (name: string) => root.commands.find((command) => command.name() === name);
  const known = find(typed);
  const [name = typed, ...besides] = known || !Object.hasOwn(OTHER_NAMES, typed) ? [] : OTHER_NAMES[typed]!;
  const command = find(name);
  if (command === undefined) return;
  const given = args.slice(at + 1);
  const sorted = takesValues(command) ? await sort(given, command.options) : null;
  const { flags, others, end } = sorted ?? { flags: [], others: given, end: given.length };
  if (known !== undefined && flags.length === 0) return;

  const assignments = flags.map(({ keys, value }) => `${keys[0]!.assigned}=${value}`);
  const words = [name, ...others.slice(0, end), ...assignments, ...others.slice(end), ...besides];
  const choices = flags
    .filter(({ keys }) => keys.length > 1)
    .map(
      ({ text, keys }) =>
        `${text} may also be ${keys
          .slice(1)
          .map(({ path }) => path)
          .join(', ')}.`,
    );
  throw new UsageError(
    'LOSSNET_USAGE',
    [
      ...(known === undefined ? [`There is no command ${typed}: here it is ${name}.`] : []),
      ...(flags.length > 0 ? [optionsText(flags)] : []),
    ].join(' '),
    [`Write: lossnet ${words.map(shellWord).join(' ')}`, ...choices].join('\n'),
  );
}

function optionsText(flags: readonly Flag[]): string {
  const texts = flags.map(({ text }) => text);
  const names = texts.length === 1 ? texts[0] : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
  const are = texts.length === 1 ? 'is no option' : 'are no options';
  return `${names} ${are}: a value of the configuration is written key=value.`;
}

/** Arguments that may be `key=value`. */
const TAKES_VALUES: readonly string[] = ['overrides', 'what', 'configs'];
const takesValues = ({ registeredArguments }: Command): boolean =>
  registeredArguments.some((argument) => TAKES_VALUES.includes(argument.name()));

async function sort(args: readonly string[], options: readonly Option[]): Promise<Sorted> {
  const flags: Flag[] = [];
  const others: string[] = [];
  let end = 0;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      others.push(...args.slice(i));
      break;
    }
    const option = options.find(({ long, short }) => [long, short].includes(arg.split('=')[0]!));
    const flag = option === undefined ? await flagOf(arg, args[i + 1], options) : null;
    if (flag !== null) {
      flags.push(flag);
      if (flag.takesNext) i += 1;
      continue;
    }
    others.push(arg);
    if (!arg.startsWith('-')) end = others.length;
    const isNextItsValue = option !== undefined && (option.required || option.optional) && !arg.includes('=');
    if (isNextItsValue && i + 1 < args.length) others.push(args[++i]!);
  }
  return { flags, others, end };
}

/** An argument as a value of the configuration; null: it is none. */
async function flagOf(
  arg: string,
  next: string | undefined,
  options: readonly Option[],
): Promise<(Flag & { readonly takesNext: boolean }) | null> {
  const [, text, name, own] = /^(--?([A-Za-z][\w.-]+))(?:=(.*))?$/s.exec(arg) ?? [];
  if (text === undefined || name === undefined) return null;
  // A short option may have its value behind it, as in -nfirst.
  if (!text.startsWith('--') && options.some(({ short }) => short === text.slice(0, 2))) return null;
  // Loaded here: the schema takes longer than all of a command line that is right.
  const { keysOfFlag } = await import('./flag-keys.js');
  const isNegated = /^no-./.test(name) && keysOfFlag(name.slice(3)).some(({ isSwitch }) => isSwitch);
  const keys = keysOfFlag(isNegated ? name.slice(3) : name);
  if (keys.length === 0) return null;
  if (own !== undefined) return { text, keys, value: asValue(keys[0]!, own), takesNext: false };
  if (keys[0]!.isSwitch) {
    const isSaid = !isNegated && (next === 'true' || next === 'false');
    return { text, keys, value: isSaid ? next : `${!isNegated}`, takesNext: isSaid };
  }
  const hasValue = next !== undefined && !/^-[^\d.]/.test(next) && !/\.ya?ml$/i.test(next);
  return { text, keys, value: asValue(keys[0]!, hasValue ? next : '<value>'), takesNext: hasValue };
}

const asValue = ({ isList }: Key, text: string): string =>
  isList && !text.startsWith('[') ? `[${text}]` : text;

/**
 * What other programs call a command of ours, and what is typed here instead: the command, and arguments that it needs besides.
 * One that is not there yet is passed over.
 */
export const OTHER_NAMES: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  bench: ['compare'],
  benchmark: ['compare'],
  check: ['validate'],
  classify: ['predict'],
  create: ['init'],
  eval: ['evaluate'],
  'find-lr': ['lr-find'],
  fit: ['train'],
  infer: ['predict'],
  inference: ['predict'],
  list: ['runs'],
  ls: ['runs'],
  'lr-finder': ['lr-find'],
  new: ['init'],
  plot: ['report'],
  resume: ['train', '--resume'],
  run: ['train'],
  score: ['evaluate'],
  sweep: ['compare'],
  test: ['evaluate'],
  tune: ['compare'],
  visualize: ['report'],
};
