/** The module `rows.mjs` of an export of a table: the same as `rows.py`, for Node and browsers. */
export const ROWS_MJS = String.raw`// Rows of a table as this model takes them, and what it says of them: plain JavaScript, for Node and browsers.
//
//     const rows = new Rows(JSON.parse(await readFile('preprocessing.json', 'utf8')));
//     for (const row of rows.read(await readFile('table.csv', 'utf8'))) rows.encode(row);
//
// Written by lossnet, which reads tables and encodes rows in the same way: the same numbers, to the last bit.

const NUMBERS = {
  point: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  comma: /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/,
};
const NO = new Set(['false', 'no', 'n', 'f', '0']);
const YES = new Set(['true', 'yes', 'y', 't', '1']);
const DELIMITERS = { tab: '\t', semicolon: ';', pipe: '|', comma: ',', blank: 'blank' };
const SAMPLE_ROWS = 50;

/** What preprocessing.json says of the rows of a table. */
export class Rows {
  constructor(preprocessing) {
    this.columns = preprocessing.inputs;
    this.target = preprocessing.target;
    this.probabilities = preprocessing.probabilities;
    this.decimal = preprocessing.decimal ?? 'point';
    this.table = preprocessing.table;
    this.absent = new Set(['', ...this.table.missing_values]);
    this.fills = ['mean', 'median', 'constant'].includes(this.table.missing);
  }

  /**
   * The rows of a table, as objects from names of columns to texts.
   * Throws an Error with every row that has another number of fields than the first.
   */
  read(text) {
    text = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
    let line = 1;
    for (; line <= this.table.skip_lines; line++) {
      const end = text.indexOf('\n');
      text = end < 0 ? '' : text.slice(end + 1);
    }
    let names = null;
    const [rows, problems] = [[], []];
    for (const { at, fields } of scan(text, this.#delimiter(text), line, true)) {
      if (names === null) {
        const { header } = this.table;
        names = fields.map((field, i) => (header && field) || String(i + 1));
        if (header) continue;
      }
      if (fields.length !== names.length) {
        problems.push('line ' + at + ': has ' + fields.length + ' fields, and the table ' + names.length + ' columns');
        continue;
      }
      // Of columns with the same name the first counts.
      rows.push(Object.fromEntries(names.flatMap((name, i) => (names.indexOf(name) === i ? [[name, fields[i]]] : []))));
    }
    if (problems.length > 0) throw new Error(problems.join('; '));
    return rows;
  }

  /**
   * The inputs of a row, a Float32Array. Texts, numbers and booleans are taken; null, NaN and '' are missing.
   * Throws an Error with all that keeps it from being one.
   */
  encode(row) {
    const [numbers, problems] = [[], []];
    for (const column of this.columns) {
      const name = column.column;
      const about = 'column "' + name + '" ';
      if (!Object.hasOwn(row, name)) {
        problems.push(about + 'is not there');
        continue;
      }
      const text = textOf(row[name]);
      const isAbsent = this.absent.has(text);
      if (isAbsent && !this.fills) {
        problems.push(about + 'lacks a value, and training filled in none (dataset.missing: ' + this.table.missing + ')');
      } else if (column.kind === 'category') {
        const value = isAbsent ? column.fill : text;
        numbers.push(...column.categories.map((category) => (category === value ? 1 : 0)));
      } else if (column.kind === 'boolean') {
        const word = text.toLowerCase();
        if (!isAbsent && !NO.has(word) && !YES.has(word)) {
          problems.push(about + 'has "' + text + '", and is to be false or true, no or yes, n or y, f or t, 0 or 1');
        }
        numbers.push(isAbsent ? column.fill : YES.has(word) ? 1 : 0);
      } else {
        const value = isAbsent ? column.fill : this.#number(row[name], text);
        const number = Math.fround((value - column.mean) / column.std);
        if (Number.isNaN(value)) problems.push(about + 'has "' + text + '", and is to be a number');
        else if (!Number.isFinite(number)) problems.push(about + 'has ' + value + ', more than float32 can hold');
        numbers.push(number);
      }
    }
    if (problems.length > 0) throw new Error(problems.join('; '));
    return Float32Array.from(numbers);
  }

  /** Categories that training has not seen, by column: they are 0 in all of its inputs. */
  unseen(row) {
    const texts = this.columns
      .filter(({ kind }) => kind === 'category')
      .map(({ column, categories }) => ({ column, categories, text: textOf(row[column]) }));
    const strange = texts.filter(({ text, categories }) => !this.absent.has(text) && !categories.includes(text));
    return Object.fromEntries(strange.map(({ column, text }) => [column, text]));
  }

  /**
   * What the outputs for one row say: values by name in their own units; or the class, and what each is likely to be.
   * A loss that makes no probabilities has null for them. Throws an Error where the outputs are not finite.
   */
  answer(outputs) {
    const said = Array.from(outputs);
    const { names, kind } = this.target;
    if (!said.every(Number.isFinite)) throw new Error('what the model says of it is not a finite number');
    const byName = (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
    if (kind === 'value') return byName(said);
    const best = said.indexOf(said.reduce((most, one) => Math.max(most, one)));
    if (this.probabilities === null) return { class: names[best], probability: null, probabilities: null };
    const logs =
      this.probabilities === 'softmax' ? said : said.map((x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))));
    const most = logs.reduce((a, b) => Math.max(a, b));
    const whole = most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
    const shares = logs.map((log) => Math.exp(log - whole));
    return { class: names[best], probability: shares[best], probabilities: byName(shares) };
  }

  #number(value, text) {
    if (typeof value === 'number') return value;
    return NUMBERS[this.decimal].test(text) ? Number(text.replace(',', '.')) : Number.NaN;
  }

  /** What gives every row, or else most of them, the same number of fields, more than one. */
  #delimiter(text) {
    if (this.table.delimiter !== 'auto') return DELIMITERS[this.table.delimiter];
    const tried = Object.values(DELIMITERS).map((mark) => ({ mark, share: shareOf(widthsOf(text, mark)) }));
    const blank = tried.pop();
    const best = tried.reduce((most, one) => (one.share > most.share ? one : most));
    if (best.share > 0.5) return best.mark;
    return blank.share === 1 ? 'blank' : ',';
  }
}

/** A value as a table has it. */
function textOf(value) {
  return value === null || value === undefined || Number.isNaN(value) ? '' : String(value).trim();
}

function widthsOf(text, mark) {
  const widths = [];
  for (const { fields } of scan(text, mark, 1, false)) {
    if (widths.push(fields.length) === SAMPLE_ROWS) break;
  }
  return widths;
}

/** How many of the rows have as many fields as most of them; 0: most have one. */
function shareOf(widths) {
  const counts = new Map();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  const [usual, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return usual > 1 ? times / widths.length : 0;
}

/** The rows of a text: the line that each begins on, and its fields. Lines with nothing in them are passed over. */
function* scan(text, mark, line, isStrict) {
  for (let at = 0; at < text.length; at++, line++) {
    const first = line;
    let fields = [];
    if (mark === 'blank') {
      const end = text.indexOf('\n', at);
      const stop = end < 0 ? text.length : end;
      fields = text.slice(at, stop).trim().split(/[ \t]+/);
      at = stop;
    } else {
      for (; ; at++) {
        let stop = at;
        if (text[at] === '"') {
          const found = quoted(text, at, mark, first, isStrict);
          fields.push(found.field);
          stop = found.stop;
          for (let i = at; i < stop; i++) if (text[i] === '\n') line++;
        } else {
          while (stop < text.length && text[stop] !== mark && text[stop] !== '\n') stop++;
          fields.push(text.slice(at, stop));
        }
        at = stop;
        if (at >= text.length || text[at] === '\n') break;
      }
    }
    fields = fields.map((field) => field.trim());
    if (fields.length > 1 || fields[0] !== '') yield { at: first, fields };
  }
}

/** A field in quotes, and where it ends: with the next quote that is not written twice; blanks may follow it. */
function quoted(text, start, mark, line, isStrict) {
  let isOdd = false;
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    if (text[at + 1] === '"') {
      at += 1;
      continue;
    }
    let stop = at + 1;
    while (text[stop] !== mark && (text[stop] === ' ' || text[stop] === '\t')) stop++;
    if (stop >= text.length || text[stop] === mark || text[stop] === '\n') {
      if (isOdd && isStrict) break;
      return { field: text.slice(start + 1, at).replaceAll('""', '"'), stop };
    }
    isOdd = true;
  }
  if (isStrict) {
    const what = isOdd ? 'is followed by something else than the end of its field' : 'is never closed';
    throw new Error('line ' + line + ': a quote that begins in this row ' + what);
  }
  return { field: text.slice(start + 1), stop: text.length };
}
`;
