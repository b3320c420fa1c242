/**
 * One line of a formula, as `m = beta1 * m + (1 - beta1) * g`: what it gives, how, and why. Operators are those of JavaScript, and
 * ^ for a power; functions are abs, cos, exp, floor, log, max, min, sigmoid and sqrt.
 */
export interface FormulaLine {
  /** The name of what it gives; a later line may give it anew, as p and m have an old value and a new one. */
  readonly gives: string;
  readonly formula: string;
  /** What it is, in a few words. */
  readonly says: string;
}

/** A line with its numbers. */
export interface WrittenLine extends FormulaLine {
  /** The formula with numbers in the place of names. */
  readonly filled: string;
  /** What it gave. */
  readonly value: number;
}

/** Numbers by the names that a formula has for them. */
export type Symbols = Readonly<Record<string, number>>;

/** A formula of which all numbers are known. */
export interface KnownFormula {
  readonly symbols: Symbols;
  /** The value of a line is what was really computed. */
  readonly lines: readonly (FormulaLine & { readonly value: number })[];
}

/**
 * Writes numbers into a formula, line by line: each line sees what those before it gave.
 *
 * @param known the names' numbers at the beginning, and the lines with what each gave
 * @returns the lines, written out
 */
export function writeFormula({ symbols, lines }: KnownFormula): WrittenLine[] {
  const now: Record<string, number> = { ...symbols };
  return lines.map((line) => {
    const filled = fillIn(line.formula, now);
    now[line.gives] = line.value;
    return { ...line, filled };
  });
}

/** @returns the formula with the number of each name in its place; what has none, such as a function, stays */
function fillIn(formula: string, symbols: Symbols): string {
  return formula.replace(/(?<![\w.])[A-Za-z_]\w*/g, (name, at: number) => {
    const value = Object.hasOwn(symbols, name) ? symbols[name] : undefined;
    if (value === undefined) return name;
    const text = formatNumber(value);
    const after = formula[at + name.length];
    const isFirst = (at === 0 || formula[at - 1] === '(') && after !== '^';
    return text.startsWith('-') && !isFirst ? `(${text})` : text;
  });
}

/** Six significant digits, without trailing zeros: more than float32 has are noise. */
export function formatNumber(value: number): string {
  const rounded = Number(value.toPrecision(6));
  // JavaScript writes 0.00000123456, of which the zeros have to be counted.
  return rounded !== 0 && Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}
