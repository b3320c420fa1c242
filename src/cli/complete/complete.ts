import type { Argument, Command, Option } from 'commander';
import { METRICS } from '../../config/expect.js';
import { PRESETS, presetNames } from '../../config/presets.js';
import type { Candidate } from './candidate.js';
import { pathsFor } from './paths.js';

/** Commander does not tell. */
const DEFAULTS: Readonly<Record<string, string>> = { runs: 'ls' };

/** Where the last word stands in the grammar of the command line. */
interface Place {
  readonly command: Command;
  /** The option that it is the value of; null: none. */
  readonly option: Option | null;
  /** How many arguments come before it. */
  readonly argument: number;
  /** Whether `--` came before it: what follows are no options. */
  readonly isOperand: boolean;
}

/**
 * What the last word of a command line may become.
 *
 * @param root the program
 * @param words behind its name, the last as far as it is typed
 * @returns candidates; none where nothing is known
 */
export async function complete(root: Command, words: readonly string[]): Promise<Candidate[]> {
  const [before, word] = [words.slice(0, -1), words.at(-1) ?? ''];
  const place = placeOf(root, before);
  const attached = /^(--[\w-]+)=(.*)$/s.exec(word);
  if (!place.isOperand && place.option === null && attached !== null) {
    const [, flag = '', value = ''] = attached;
    const option = optionsOf(place.command).find(({ long }) => long === flag);
    const found = option === undefined ? [] : beginning(await valuesFor(option, value, before), value);
    return found.map((candidate) => ({ ...candidate, value: `${flag}=${candidate.value}` }));
  }
  if (place.option !== null) return beginning(await valuesFor(place.option, word, before), word);
  if (word.startsWith('-') && !place.isOperand) return beginning(flagsOf(place.command), word);
  return beginning([...commandsOf(place), ...(await argumentsFor(place, word, before))], word);
}

const beginning = (candidates: readonly Candidate[], word: string) =>
  candidates.filter(({ value }) => value.startsWith(word));

function placeOf(root: Command, words: readonly string[]): Place {
  let command = root;
  let option: Option | null = null;
  let argument = 0;
  let isOperand = false;
  for (const word of words) {
    if (option !== null) option = null;
    else if (word === '--' && !isOperand) isOperand = true;
    else if (word.startsWith('-') && word !== '-' && !isOperand) {
      const known = optionOf(command, word);
      if (known?.required && !word.includes('=')) option = known;
    } else {
      const inner = argument === 0 ? command.commands.find((own) => isNamed(own, word)) : undefined;
      if (inner !== undefined) command = inner;
      // What `help` is about is a command.
      else if (argument > 0 || word !== 'help') argument += 1;
    }
  }
  return { command, option, argument, isOperand };
}

const isNamed = (command: Command, word: string) =>
  command.name() === word || command.aliases().includes(word);

/** Of `-qn` it is the last letter that may take a value. */
function optionOf(command: Command, word: string): Option | undefined {
  const options = optionsOf(command);
  const short = /^-\w+$/.test(word) ? `-${word.at(-1)}` : null;
  return options.find((option) => option.long === word.split('=')[0] || option.short === short);
}

const optionsOf = (command: Command) => [...new Set([...command.options, ...defaultOf(command).options])];

function flagsOf(command: Command): Candidate[] {
  const own = optionsOf(command).filter(({ hidden, long }) => !hidden && long != null);
  return [
    ...own.map(({ long, description }) => ({ value: long!, text: description })),
    { value: '--help', text: 'display help for command' },
  ];
}

function commandsOf({ command, argument }: Place): Candidate[] {
  if (argument > 0) return [];
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((own) => ({ value: own.name(), text: own.summary() || own.description() }));
}

async function argumentsFor(
  { command, argument }: Place,
  word: string,
  before: readonly string[],
): Promise<Candidate[]> {
  const { registeredArguments: own } = defaultOf(command);
  const last = own.at(-1);
  const found = own[argument] ?? (last?.variadic ? last : undefined);
  return found === undefined ? [] : await ofArgument(found, command, word, before);
}

/** What is meant where none of its commands is named: `lossnet runs` lists. */
function defaultOf(command: Command): Command {
  return command.commands.find((own) => own.name() === DEFAULTS[command.name()]) ?? command;
}

/** The schema is loaded where a key may stand alone: Tab is to be answered soon. */
async function overridesFor(word: string, before: readonly string[]): Promise<Candidate[]> {
  return (await import('./overrides.js')).overridesFor(word, before);
}

async function ofArgument(
  argument: Argument,
  command: Command,
  word: string,
  before: readonly string[],
): Promise<Candidate[]> {
  if (argument.argChoices !== undefined) return argument.argChoices.map((value) => ({ value }));
  switch (argument.name()) {
    case 'config':
    case 'configs':
      return [
        ...pathsFor(word, 'config'),
        ...(command.name() === 'train' && before.includes('--resume') ? pathsFor(word, 'run') : []),
      ];
    case 'source':
      return [...pathsFor(word, 'config'), ...pathsFor(word, 'run')];
    case 'overrides':
      return await overridesFor(word, before);
    case 'what':
      return [
        ...presetNames.map((value) => ({ value, text: PRESETS[value].summary })),
        ...(await overridesFor(word, before)),
        ...pathsFor(word, 'config'),
        ...pathsFor(word, 'run'),
      ];
    case 'run':
    case 'runs':
    case 'folders':
    case 'a':
    case 'b':
      return pathsFor(word, 'run');
    case 'command':
      return commandsOf({ command: command.parent ?? command, option: null, argument: 0, isOperand: false });
    default:
      return pathsFor(word, 'any');
  }
}

async function valuesFor(option: Option, word: string, before: readonly string[]): Promise<Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map((value) => ({ value }));
  const [, what = ''] = /[<[]([\w-]+)/.exec(option.flags) ?? [];
  switch (what) {
    case 'file':
      return pathsFor(word, option.long === '--config' ? 'config' : 'any');
    case 'folder':
      return pathsFor(word, 'folder');
    case 'run':
      return pathsFor(word, 'run');
    case 'names':
      return presetsAfter(word);
    case 'gate':
    case 'metric':
      return METRICS.map((value) => ({ value }));
    case 'condition':
    case 'value':
      return [
        ...['status', 'epoch', 'parameters', 'bytes', 'changed', ...METRICS].map((value) => ({ value })),
        ...(await overridesFor(word, before)),
      ];
    default:
      return [];
  }
}

/** `sgd,ad` may become `sgd,adam`. */
function presetsAfter(word: string): Candidate[] {
  const prefix = word.slice(0, word.lastIndexOf(',') + 1);
  const named = prefix.split(',');
  return presetNames
    .filter((name) => !named.includes(name))
    .map((name) => ({ value: `${prefix}${name}`, text: PRESETS[name].summary }));
}
