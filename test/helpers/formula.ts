import { expect } from 'vitest';
import type { WrittenLine } from '../../src/train/formula.js';

const FUNCTIONS = {
  abs: Math.abs,
  cos: Math.cos,
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  max: Math.max,
  min: Math.min,
  sqrt: Math.sqrt,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
};

/** What a formula with numbers in it gives: it must have no names left but those of functions. */
export function evaluated(filled: string): number {
  const code = filled.replaceAll('^', '**').replace(/(^|[\s(,])-(?=log|\(|sigmoid)/g, '$1-1 * ');
  return new Function(...Object.keys(FUNCTIONS), `return ${code}`)(...Object.values(FUNCTIONS)) as number;
}

/** Numbers of so many digits are rounded ones; shorter ones are as they were configured. */
const ROUNDED = 5;

/**
 * Expects of every line that its own numbers give its value, but for what is lost as they are shown with six digits, and what
 * float32 rounds off.
 */
export function expectConsistent(lines: readonly WrittenLine[]): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const { gives, formula, filled, value } of lines) {
    const result = evaluated(filled);
    const literals = [...filled.matchAll(/(?<![\w.])\d[\d.]*(e[+-]?\d+)?/g)];
    const lost = literals.map(({ 0: text, index }) => {
      const digits = text.replace(/e.*$/, '').replace('.', '').replace(/^0+/, '').length;
      if (digits < ROUNDED) return 0;
      const other = `${filled.slice(0, index)}${Number(text) * (1 + 5e-6)}${filled.slice(index + text.length)}`;
      return Math.abs(evaluated(other) - result);
    });
    const allowed = lost.reduce((sum, each) => sum + each, 0) + 1e-6 * Math.abs(value) + 1e-12;
    const text = `${gives} = ${formula} = ${filled} = ${result}, and is ${value}`;
    expect(Math.abs(result - value), text).toBeLessThanOrEqual(allowed);
  }
}
