import { printable } from '../../base/printable.js';
import { displayWidth, wrap } from '../../config/problems/text.js';
import type { Block, Section } from '../../runs/explain/blocks.js';
import { formatNumber, type WrittenLine } from '../../train/formula.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';
import { pictureLines } from './picture.js';

/** Wider lines are hard to follow; a terminal has as many columns as a rule. */
const WIDEST = 80;
const LONGEST_CELL = 28;
/** What is left out of a table where there is little room. */
const EXPENDABLE = /^parameters$/;

/**
 * Prints a page for people, no line wider than 80 columns.
 *
 * @param io where to
 * @param head what it is about, a line each, the first the title
 * @param sections what it shows
 */
export function printPage(io: Io, [title, ...head]: readonly string[], sections: readonly Section[]): void {
  const { bold, dim, cyan } = io.style.out;
  const width = Math.min(textWidth(io.stdout), WIDEST);
  for (const line of wrap(title!, width)) io.print(bold(line));
  for (const line of head.flatMap((text) => wrap(text, width))) io.print(dim(line));
  for (const [i, { title: name, code, blocks }] of sections.entries()) {
    io.print('');
    const heading = `${i + 1}. ${name}`;
    const room = width - displayWidth(heading) - displayWidth(code);
    if (room >= 2) io.print(`${bold(heading)}${' '.repeat(room)}${cyan(code)}`);
    else for (const line of [bold(heading), `   ${cyan(code)}`]) io.print(line);
    for (const block of blocks)
      for (const line of blockLines(block, io, width - 3)) io.print(`   ${line}`.trimEnd());
  }
}

function blockLines(block: Block, io: Io, width: number): string[] {
  const { bold, dim } = io.style.out;
  switch (block.kind) {
    case 'text':
      return wrap(block.text, width);
    case 'value': {
      const says = block.says === '' ? '' : `   ${block.says}`;
      const line = `  ${block.name} = ${block.value}`;
      const own = `  ${block.name} = ${bold(block.value)}`;
      if (displayWidth(line + says) <= width) return [`${own}${dim(says)}`];
      return [own, ...wrap(block.says, width - 4).map((text) => `    ${dim(text)}`)];
    }
    case 'formula':
      return block.lines.flatMap((line) => formulaLines(line, io, width));
    case 'table': {
      const rows = block.rows.map((cells) => cells.map(short));
      return textTable({ ...block, rows, expendable: EXPENDABLE }, dim, width - 2).map((line) => `  ${line}`);
    }
    case 'picture':
      return pictureLines(block, width, io).map((line) => `  ${line}`);
    case 'reading':
      return [...pieces(block.text, width - 2).map((line) => `  ${line}`), `  next: ${bold(block.next)}`];
  }
}

/** `m = formula`, then the same with its numbers and what they give; a line that is too long is broken at blanks. */
function formulaLines({ gives, formula, filled, value, says }: WrittenLine, io: Io, width: number): string[] {
  const { bold, dim } = io.style.out;
  const indent = ' '.repeat(gives.length + 3);
  const result = formatNumber(value);
  const room = width - indent.length - 2;
  const first = `  ${gives} = ${formula}`;
  const comment = says === '' ? '' : `   ${says}`;
  const isShort = displayWidth(first + comment) <= width;
  const whole = filled === result || filled === formula ? [] : wrap(filled, room);
  return [
    ...(isShort
      ? [`${first}${dim(comment)}`]
      : [...wrapped(first, width, indent), ...wrap(says, room).map((line) => `${indent}  ${dim(line)}`)]),
    ...whole.map((line, i) => `${indent}${i === 0 ? '= ' : '  '}${line}`),
    `${indent}= ${bold(result)}`,
  ];
}

function wrapped(text: string, width: number, indent: string): string[] {
  const [first, ...rest] = wrap(text.trimStart(), width - indent.length - 2);
  return [`  ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
}

/** Names of columns and classes may be of any length. */
function short(text: string): string {
  const line = printable(text);
  if (displayWidth(line) <= LONGEST_CELL) return line;
  const kept = pieces(line, LONGEST_CELL - 1)[0]!;
  return `${kept}…`;
}

/** A text with its blanks, in lines of so many columns. */
function pieces(text: string, width: number): string[] {
  const lines = [''];
  for (const character of text) {
    if (displayWidth(lines.at(-1)! + character) > width) lines.push('');
    lines[lines.length - 1] += character;
  }
  return lines;
}
