import { formatCount, plural } from '../../base/format.js';
import { wrap } from '../../config/problems/text.js';
import type { DataAudit } from '../../runs/audit.js';
import { unitOf } from '../../train/data/dataset.js';
import { describeShape } from '../../train/model/shape.js';
import type { Target } from '../../train/task/index.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';

/** More classes are not told one by one. */
const MOST_CLASSES = 25;

/**
 * Prints, for people, what there is and what is wrong with it.
 *
 * @param io where to print
 * @param audit what was found
 */
export function showAudit(io: Io, audit: DataAudit): void {
  const { bold, red, yellow, green, dim } = io.style.out;
  const { spec, parts, findings, standsInFor } = audit;
  const width = textWidth(io.stdout);
  const told = toldOf(spec.target);
  const standIn = standsInFor === undefined ? '' : `, STANDING IN FOR ${standsInFor}`;
  const size =
    spec.input.kind === 'features' ? plural(spec.input.features, 'input') : describeShape(spec.input);
  io.say(`${bold(spec.name)}${standIn}: ${unitOf(spec)} of ${size}, ${told}`);
  io.print('');
  for (const line of textTable(countsOf(audit), bold, width)) io.print(line);
  const sources = [...new Set(parts.map(({ source }) => source))];
  if (sources.length === 1) io.say(dim(`from ${sources[0]}`));
  else for (const { part, source } of parts) io.say(dim(`${part} from ${source}`));
  io.print('');
  for (const { level, message, places, count, remedy } of findings) {
    const title = level === 'error' ? red(bold('error')) : yellow(bold('warning'));
    const [first = '', ...rest] = wrap(message, Math.max(30, width - 9));
    io.print(`${title}${' '.repeat(9 - level.length)}${first}`);
    const more = count > places.length ? [`and ${formatCount(count - places.length)} more`] : [];
    const lines = [...rest, ...places, ...more, ...wrap(`→ ${remedy}`, Math.max(30, width - 9))];
    for (const line of lines) io.say(`${' '.repeat(9)}${line}`, 0);
  }
  if (findings.length === 0) io.print(green('nothing was found to be wrong'));
}

function toldOf(target: Target): string {
  const { names } = target;
  if (target.kind === 'value') return `to tell: ${names.join(', ')}`;
  return target.of === 'token' ? `a vocabulary of ${names.length}` : `${names.length} classes`;
}

/** How many samples of each class each part has. */
function countsOf({ parts }: DataAudit) {
  const head = ['', ...parts.map(({ part }) => part)];
  const total = ['all', ...parts.map(({ records }) => formatCount(records))];
  const classes = parts[0]!.classes ?? [];
  const isShort = classes.length <= MOST_CLASSES;
  const rows = isShort
    ? classes.map(({ name }, i) => [name, ...parts.map((part) => formatCount(part.classes![i]!.count))])
    : (['fewest of a class', 'most of a class'] as const).map((name) => {
        const choose = name.startsWith('fewest') ? Math.min : Math.max;
        return [
          name,
          ...parts.map((part) => formatCount(choose(...part.classes!.map(({ count }) => count)))),
        ];
      });
  return { head, rows: [...rows, total], texts: [''] };
}
