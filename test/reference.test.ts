import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../src/cli/exit-codes.js';
import { type JsonSchema, jsonSchema } from '../src/config/json-schema.js';
import { RESERVED_VARIABLES } from '../src/config/sources/environment.js';
import { TENSORFLOW_VERSION } from '../src/train/backend/native/locations.js';
import { METRIC_NAMES, measuredOf, metricKind } from '../src/train/task/index.js';
import { lossnet, workspace } from './helpers/cli.js';
import { blocksOf, PAGES, ROOT, readPage } from './helpers/pages.js';

/** The cells of the one table with these headings, a list for each row. */
function rowsOf(text: string, ...headings: string[]): string[][] {
  const head = `\\| ${headings.join(' +\\| ')} +\\|\n\\|[-| ]+\\|\n`;
  const [table, ...others] = text.matchAll(new RegExp(`^${head}((?:\\|.*\\|\n)+)`, 'gm'));
  expect(others).toEqual([]);
  const rows = (table?.[1] ?? '').trim().split('\n');
  return rows.map((row) => row.slice(2, -2).split(/ +\| /));
}

const uncoded = (cell: string | undefined): string => (cell ?? '').trim().replace(/^`(.*)`$/, '$1');

const sorted = (words: Iterable<string>): string[] => [...words].sort();

describe('docs/commands.md', () => {
  const page = readPage('docs/commands.md');
  const helps = new Map<string, string>();
  const inner = new Map<string, string>();
  /** The words at the beginning of the lines of a section of `lossnet --help`. */
  let listed: (section: string) => string[];

  beforeAll(async () => {
    const { stdout } = await lossnet(['--help']);
    listed = (section) => {
      const [, lines = ''] = new RegExp(`^${section}:\n((?: .*\n)+)`, 'm').exec(stdout) ?? [];
      return [...lines.matchAll(/^ {2}(\S+)/gm)].map(([, word = '']) => word);
    };
    helps.set('--help', stdout);
    for (const name of listed('Commands').filter((word) => word !== 'help')) {
      helps.set(`${name} --help`, (await lossnet([name, '--help'])).stdout);
    }
    // What a command is divided into has its help in the section of that.
    const { stdout: runs } = await lossnet(['runs', '--help']);
    const [, lines = ''] = /^Commands:\n((?: .*\n)+)/m.exec(runs) ?? [];
    for (const [, name = ''] of lines.matchAll(/^ {2}([a-z]+)/gm)) {
      if (name !== 'help') inner.set(`runs ${name} --help`, (await lossnet(['runs', name, '--help'])).stdout);
    }
    expect(inner.size).toBeGreaterThan(3);
  });

  it('has a section for every command, and no other', () => {
    const sections = [...page.matchAll(/^## lossnet (\S+)$/gm)].map(([, name]) => `${name} --help`);
    expect(sections.length).toBeGreaterThan(4);
    expect(sorted(['--help', ...sections])).toEqual(sorted(helps.keys()));
  });

  it('shows the help of every command', () => {
    const shown = blocksOf(page).map(({ body }) => body);
    for (const [args, stdout] of [...helps, ...inner])
      expect(shown).toContain(`$ npx lossnet ${args}\n${stdout}`);
  });

  it('leaves no page with an option that no command has', () => {
    const known = [...helps.values(), ...inner.values()].flatMap(
      (text) => text.match(/(?<=^ .*)--[a-z][a-z-]*/gm) ?? [],
    );
    // Of npm, of the program as a whole, and of Node.
    const ofOthers = ['--lr', '--epochs']; // shown with what is written here instead
    const ofSlurm = [
      '--array',
      '--cpus-per-task',
      '--nodes',
      '--ntasks-per-node',
      '--time',
      '--kill-on-bad-exit',
    ];
    const ofTorchrun = [
      '--nnodes',
      '--node-rank',
      '--nproc-per-node',
      '--master-addr',
      '--master-port',
      '--no-python',
    ];
    const ofDocker = ['--from'];
    const others = [
      ...ofOthers,
      ...ofDocker,
      ...ofSlurm,
      ...ofTorchrun,
      '--host',
      '--global',
      '--ignore-scripts',
      '--help',
      '--version',
      '--heap-growing-percent',
    ];
    for (const name of [...PAGES, 'CHANGELOG.md']) {
      // Scripts of the project have options of their own.
      const used =
        readPage(name)
          .replace(/^.*npm run .*$/gm, '')
          .match(/(?<=[\s`(])--[a-z][a-z-]*/g) ?? [];
      expect(
        used.filter((flag) => ![...known, ...others].includes(flag)),
        name,
      ).toEqual([]);
    }
  });

  it('has all exit codes, and no other', () => {
    const codes = rowsOf(page, 'code', 'meaning').map(([code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT));
    for (const code of codes) expect(helps.get('--help')).toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('has every variable that is read from the environment, and no other', () => {
    const rows = rowsOf(page, 'variable', 'meaning').map(([name]) => uncoded(name));
    const [keys, ...variables] = rows;
    expect(keys).toBe('LOSSNET_<BLOCK>__<KEY>');
    expect(sorted(variables)).toEqual(sorted(new Set([...variablesRead(), ...RESERVED_VARIABLES])));
    expect(rows).toEqual(expect.arrayContaining(listed('Environment')));
  });
});

/** By name, by taking an environment apart, and in the list of those that are checked before TensorFlow reads them. */
function variablesRead(): string[] {
  const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => name.endsWith('.ts')).map((name) => readPage(`src/${name}`));
  const code = sources.join('\n').replace(/^ *(\/\/|\*|\/\*\*).*$/gm, '');
  const reads = [/\benv\.([A-Z][A-Z_]+)/g, /\{ ([A-Z_, ]+) \}(?: = process\.env|: NodeJS\.ProcessEnv)/g];
  const names = [...reads, /^ {2}(TF_[A-Z_]+): /gm].map((pattern) => [...code.matchAll(pattern)]);
  for (const found of names) expect(found.length).toBeGreaterThan(1);
  return names.flat().flatMap(([, found = '']) => found.split(', '));
}

describe('docs/configuration.md', () => {
  const page = readPage('docs/configuration.md');
  const schema = jsonSchema();
  const kinds: Record<string, JsonSchema> = {
    'layers.md': schema.definitions!.layer!,
    'losses.md': schema.properties!.loss!,
    'optimizers.md': schema.properties!.optimizer!,
    'schedules.md': schema.properties!.schedule!,
    'initializers.md': schema.definitions!.initializer!,
  };

  it('has every key with its default, and no other', () => {
    const rows = rowsOf(page, 'key', 'default', 'meaning');
    const documented = rows.map(([key, value]) => [uncoded(key), defaultIn(value!)]);
    const expected = leaves(schema).map(({ path, isRequired, block }) => [
      path,
      isRequired ? 'required' : block.default,
    ]);
    expect(expected.length).toBeGreaterThan(35);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
    expect(documented.length).toBe(expected.length);
  });

  it('says what can be within a value, and which words it can be', () => {
    const rows = new Map(rowsOf(page, 'key', 'default', 'meaning').map((row) => [uncoded(row[0]), row]));
    const within = leaves(schema).filter(({ path }) => !OWN_PAGES.includes(path));
    for (const { path, block } of within) {
      const row = rows.get(path)?.slice(1).join(' ') ?? '';
      const missing = wordsOf(block).filter((word) => !new RegExp(`\\b${word}\\b`).test(row));
      expect(missing, path).toEqual([]);
    }
  });

  it('names every kind that has a page, and no other', () => {
    const items = [...page.matchAll(/^- \[[^\]]+\]\(([^)]+)\): (.*(?:\n {2}.*)*)/gm)];
    const named = items.map(([, file = '', text = '']) => [file, sorted(codeIn(text))]);
    const known = Object.entries(kinds).map(([file, kind]) => [file, sorted(typesOf(kind))]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(known));
  });
});

/** Blocks whose options have pages of their own, which test/docs.test.ts checks. */
const OWN_PAGES = ['model', 'init', 'loss', 'optimizer', 'schedule'];

interface Leaf {
  readonly path: string;
  readonly isRequired: boolean;
  readonly block: JsonSchema;
}

/** The keys that a user sets: those of a block, or the block itself where it can be something else or has its own page. */
function leaves({ properties = {}, required = [], oneOf = [] }: JsonSchema, prefix = ''): Leaf[] {
  const own = Object.entries(properties).flatMap(([key, block]) => {
    const path = `${prefix}${key}`;
    const isWhole = OWN_PAGES.includes(path) || (block.properties ?? block.oneOf) === undefined;
    return isWhole ? [{ path, isRequired: required.includes(key), block }] : leaves(block, `${path}.`);
  });
  const branches = oneOf.flatMap((branch) => leaves(branch, prefix));
  const types = branches.filter(({ path }) => path === `${prefix}type`).map(({ block }) => block);
  // Kinds that share a key have one row: it begins with the first of them.
  const first = new Map<string, Leaf>();
  for (const leaf of [...own, ...branches]) if (!first.has(leaf.path)) first.set(leaf.path, leaf);
  const [type, ...others] = [...first.values()];
  return types.length === 0 ? own : [{ ...type!, block: { oneOf: types } }, ...others];
}

/** Every key and word within a value. */
function wordsOf(block: JsonSchema): string[] {
  const inner = [...Object.values(block.properties ?? {}), ...(block.anyOf ?? []), ...(block.oneOf ?? [])];
  const own = [...Object.keys(block.properties ?? {}), ...(block.enum ?? []), block.const];
  return [...own.filter((word) => typeof word === 'string'), ...inner.flatMap(wordsOf)];
}

function typesOf({ oneOf = [], anyOf = [] }: JsonSchema): string[] {
  return [...oneOf, ...anyOf].map(({ properties }) => String(properties!.type!.const));
}

const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** What a table says of a default: `required`, a value as code, or in words what no schema can know. */
function defaultIn(cell: string): unknown {
  if (cell === 'required') return cell;
  return cell.startsWith('`') ? parse(uncoded(cell)) : undefined;
}

describe('docs/metrics.md', () => {
  const page = readPage('docs/metrics.md');
  const sections = new Map(page.split(/^## (?=`)/m).map((text) => [/^`(.+)`\n/.exec(text)?.[1], text]));
  const rows = rowsOf(page, 'metric', 'of', 'known', 'range', 'better', 'guessing has');

  it('has a row and a section for every metric, and no other', () => {
    expect(rows.map(([name]) => uncoded(name))).toEqual(METRIC_NAMES);
    expect([...sections.keys()].filter((name) => name !== undefined)).toEqual(METRIC_NAMES);
  });

  it.each(METRIC_NAMES)(
    '%s: says which is better, what training knows, the formula and the source',
    (name) => {
      const [, of = '', known = '', , better = ''] = rows.find(([cell]) => uncoded(cell) === name)!;
      const kind = metricKind(name);
      expect(better.trim()).toBe(kind.better);
      expect(known.trim() === 'in training too').toBe(kind.evaluationOnly !== true);
      const targets = {
        classes: { kind: 'class' },
        texts: { kind: 'class', of: 'token' },
        numbers: { kind: 'value' },
      } as const;
      const target = targets[of.trim() as keyof typeof targets];
      const names = Array.from({ length: name === 'auroc' ? 2 : 10 }, (_, i) => `${i}`);
      expect(measuredOf({ ...target, names }, 'cross_entropy').map((metric) => metric.name)).toContain(name);
      expect(sections.get(name)).toMatch(/^```text\n[^`]+```$/m);
      expect(sections.get(name)).toMatch(
        /\]\(https:\/\/(scikit-learn\.org\/stable\/modules\/generated|arxiv\.org)\//,
      );
    },
  );
});

describe('docs/runs.md', () => {
  it('has all files of a run, and no other', async () => {
    const cwd = workspace();
    expect((await lossnet(['train', 'tiny.yaml', 'epochs=1', '--quiet'], { cwd })).code).toBe(0);
    const [, tree = ''] = /^ {4}runs\/<name>\/\n((?: {8}.*\n)+)/m.exec(readPage('docs/runs.md')) ?? [];
    const shown = [...tree.matchAll(/^ {8}( {4})?(\S+)/gm)].map(([, indent, name = '']) =>
      indent ? join('checkpoints', name) : name.replace(/\/$/, ''),
    );
    // Of data of one's own alone.
    expect(shown).toContain('preprocessing.json');
    const kept = readdirSync(join(cwd, 'runs/tiny'), { recursive: true, encoding: 'utf8' });
    // Those that only data of one's own have, and those that lossnet landscape adds.
    const others = ['preprocessing.json', 'flatness.json', 'landscape.*'];
    expect(sorted(shown)).toEqual(sorted([...kept, ...others]));
  });
});

describe('docs/installation.md', () => {
  const page = readPage('docs/installation.md');
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    engines: { node: string };
    dependencies: Record<string, string>;
  };

  it('names the versions of Node and TensorFlow', () => {
    expect(page).toContain(`Node ${manifest.engines.node.replace('>=', '')} or later`);
    expect(page.split(/\s+/).join(' ')).toContain(`TensorFlow ${TENSORFLOW_VERSION} `);
  });

  it('names every package that lossnet is built on, and no other', () => {
    const named = rowsOf(page, 'package', 'for').flatMap(([names = '']) => names.trim().split(', '));
    expect(sorted(named)).toEqual(sorted(Object.keys(manifest.dependencies)));
  });
});
