import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/config/problems/text.js';
import { TINY, workspace } from '../helpers/cli.js';
import { BIN, onTerminal } from '../helpers/terminal.js';

const COLUMNS = 80;
const LOSSNET = `${process.execPath} ${BIN}`;

/** A bar goes back to the beginning of its line by `ESC[1G`. */
const BREAK = new RegExp(`[\\r\\n]+|${String.fromCharCode(27)}\\[[01]?G`);

const ROWS = Array.from(
  { length: 60 },
  (_, i) => `${i % 7},${(i * i) % 11},${['Earth', 'Mars'][i % 2]},${i * 2}`,
);
const TABLE = `epochs: 2
dataset: { type: csv, path: table.csv, target: period_of_the_swing }
loader: { batch_size: 8 }
model:
  - { type: linear, out_features: 1 }
loss: { type: mse }
optimizer: { type: adam, lr: 0.01 }
schedule: { type: cosine, interval: step }
`;

/** What each command showed, line by line as it stood on the terminal; what was drawn over is a line too. */
async function shown(cwd: string, commands: readonly string[]): Promise<Map<string, string[]>> {
  const script = commands.map((command) => {
    const typed = command.startsWith('cp ') ? command : `${LOSSNET} ${command}`;
    return `echo "== ${command}"; ${typed}; echo "code $?"`;
  });
  const { output } = await onTerminal(
    ['bash', '-c', `stty cols ${COLUMNS} rows 24; ${script.join('; ')}`],
    [],
    { cwd },
  );
  const sections = output.split(/^== /m).slice(1);
  return new Map(
    sections.map((text) => {
      const lines = text.split(BREAK).map((line) => stripVTControlCharacters(line));
      return [lines[0]!, lines.slice(1)] as const;
    }),
  );
}

describe('a terminal of 80 columns', () => {
  it('has room for every line', async () => {
    const cwd = workspace({
      'tiny.yaml': TINY,
      'table.yaml': TABLE,
      'table.csv': `length_of_the_thread,angle_at_first,place_of_the_pendulum,period_of_the_swing\n${ROWS.join('\n')}\n`,
    });
    writeFileSync(
      join(cwd, 'new.csv'),
      'length_of_the_thread,angle_at_first,place_of_the_pendulum\n3,4,Mars\n',
    );
    const commands = [
      'train tiny.yaml',
      'train table.yaml',
      'cp -r runs/tiny runs/a-run-whose-name-is-as-long-as-names-become-that-tell-all-of-what-they-tell',
      'runs ls',
      'evaluate runs/tiny',
      'predict runs/table new.csv --format csv',
      'report runs/tiny --no-predictions',
      'export runs/tiny',
      'landscape runs/tiny --plane path --resolution 3',
      'data table.yaml',
      'validate tiny.yaml table.yaml',
      'init --configs own',
      'init table.csv --target period_of_the_swing -o own.yaml',
      'train tiny.yaml epchs=3',
      'doctor',
    ];
    // In two: the helper waits for 90 seconds, and a machine may be busy.
    const halves = [await shown(cwd, commands.slice(0, 7)), await shown(cwd, commands.slice(7))];
    const sections = new Map(halves.flatMap((half) => [...half]));
    expect([...sections.keys()]).toEqual(commands);
    for (const [command, lines] of sections) {
      const refused = command.includes('epchs');
      expect(lines.at(-2), `${command}:\n${lines.join('\n')}`).toBe(refused ? 'code 2' : 'code 0');
      expect(lines.filter((line) => displayWidth(line) > COLUMNS)).toEqual([]);
    }
    const text = (command: string) => sections.get(command)!.join('\n');
    const trained = text('train tiny.yaml');
    expect(trained).toMatch(
      /^ {8}running +train +eval +images\nepoch +loss +loss +acc +loss +acc +lr +per s$/m,
    );
    expect(trained).toMatch(/^ {2}3\/3( +[\d.]+){2} +[\d.]+ %( +[\d.]+) +[\d.]+ % +[\de.-]+ +[\d,]+/m);
    expect(trained).toMatch(/^epoch 2\/3 [━ ]+ \d+ % {2}loss \d\.\d{4} {2}lr [\d.]+ {2}\d+ s left$/m);
    expect(trained).toMatch(/[⠁-⣿].*\n(.*\n)*.*● train loss {3}■ eval loss\n(.*\n)*done: 3 epochs/);
    expect(text('train table.yaml')).toMatch(/^epoch +loss +loss +rmse +loss +rmse +mae +lr$/m);
    expect(text('runs ls')).toMatch(/^a-run-whose-\S*…\S+-they-tell +done/m);
    expect(text('runs ls')).toMatch(/\d+ more columns with --wide/);
    expect(text('data table.yaml')).toMatch(/^note: table\.csv, 42 rows.*\n {2}\S/m);
    expect(text('export runs/tiny')).toMatch(/^checked on .*\n {2}\S/m);
  });
});
