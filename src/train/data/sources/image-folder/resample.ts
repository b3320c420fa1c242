import { RESAMPLE_BINARY } from './resample-kernel.js';

/** What an output along one side is made of: see `RESAMPLE_SOURCE`. */
export interface Weights {
  readonly table: Int32Array;
  /** How many outputs. */
  readonly outputs: number;
  /** The inputs that any of them needs: from the first, to behind the last. */
  readonly first: number;
  readonly end: number;
}

/** Which part of a picture becomes a picture of how many pixels, and where in the result that lies. */
export interface Frame {
  /** Left, top, right and bottom, in pixels of the picture, not necessarily whole. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

/** Of red, green and blue. */
export type Levels = readonly [red: number, green: number, blue: number];

/** Weights are whole numbers of so many bits, as Pillow has them. */
const ONE = 2 ** 22;

/**
 * The triangle filter, as wide as the step where a picture becomes smaller.
 *
 *     scale = (to - from) / outputs,   support = max(scale, 1),   center = from + (i + 0.5) scale
 *     w[i, j] = max(0, 1 - |j + 0.5 - center| / support) / sum of them,   |j + 0.5 - center| <= support
 *
 * @param inputs pixels along a side of the picture
 * @param from where the part that is shown begins
 * @param to where it ends
 * @param outputs pixels that it becomes
 * @returns the weights, each rounded to a 2^22nd
 * @source Pillow, src/libImaging/Resample.c, precompute_coeffs with BILINEAR
 */
export function weightsFor(inputs: number, from: number, to: number, outputs: number): Weights {
  // Pillow has a box of single precision.
  const [start, stop] = [Math.fround(from), Math.fround(to)];
  const scale = (stop - start) / outputs;
  const support = Math.max(scale, 1);
  const table: number[] = [];
  let [first, end] = [inputs, 0];
  for (let i = 0; i < outputs; i++) {
    const center = start + (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(inputs, Math.trunc(center + support + 0.5));
    const shares = Array.from({ length: high - low }, (_, j) =>
      Math.max(0, 1 - Math.abs((j + low - center + 0.5) * (1 / support))),
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    table.push(low, high - low, ...shares.map((share) => Math.trunc((share / sum) * ONE + 0.5)));
    first = Math.min(first, low);
    end = Math.max(end, high);
  }
  return { table: Int32Array.from(table), outputs, first, end };
}

/**
 * Where a picture goes, as Pillow's `ImageOps.fit`, `ImageOps.pad` and `Image.resize` have it.
 *
 * @param width of the picture
 * @param height of it
 * @param to what it becomes
 * @param resize cover, contain or stretch
 * @returns the frame
 */
export function frameOf(
  width: number,
  height: number,
  to: { readonly width: number; readonly height: number },
  resize: 'cover' | 'contain' | 'stretch',
): Frame {
  const whole = { ...to, left: 0, top: 0, box: [0, 0, width, height] as const };
  const [own, wanted] = [width / height, to.width / to.height];
  if (resize === 'stretch' || own === wanted) return whole;
  if (resize === 'cover') {
    const shownWidth = own > wanted ? wanted * height : width;
    const shownHeight = own > wanted ? height : width / wanted;
    const [left, top] = [(width - shownWidth) * 0.5, (height - shownHeight) * 0.5];
    return { ...whole, box: [left, top, left + shownWidth, top + shownHeight] };
  }
  const shown = {
    width: own > wanted ? to.width : atLeastOne((width / height) * to.height),
    height: own > wanted ? atLeastOne((height / width) * to.width) : to.height,
  };
  const [left, top] = [(to.width - shown.width) / 2, (to.height - shown.height) / 2];
  return { ...shown, box: whole.box, left: roundHalfEven(left), top: roundHalfEven(top) };
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

const atLeastOne = (value: number) => Math.max(1, roundHalfEven(value));

const PAGE = 65_536;

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of it: Node has it, and its types only come with those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

let compiled: object | undefined;

/** Memory of its own for one picture at a time, and what makes it smaller there. */
export class Resampler {
  readonly #memory: Memory;
  readonly #pass: (...sizes: number[]) => void;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(RESAMPLE_BINARY, 'base64'));
    const { memory, pass } = new WebAssembly.Instance(compiled).exports;
    this.#memory = memory as Memory;
    this.#pass = pass as (...sizes: number[]) => void;
  }

  /** @returns where a picture of so many pixels is to be put, four bytes for each; what was there is gone */
  room(width: number, height: number): Buffer {
    const bytes = width * height * 4;
    this.#grow(bytes);
    return Buffer.from(this.#memory.buffer, 0, bytes);
  }

  /**
   * Resizes what was put into the room: first each line, then each column, each rounded to bytes.
   *
   * @param width of it, in pixels
   * @param across the weights along a line
   * @param down those along a column
   * @param lost what each channel is too small by, in levels
   * @returns the result, four bytes for each pixel; it is the next one's once that is put there
   */
  resize(width: number, height: number, across: Weights, down: Weights, lost: Levels): Uint8Array {
    const rows = down.end - down.first;
    const between = align(width * height * 4);
    const result = align(between + across.outputs * rows * 4);
    const lineTable = align(result + across.outputs * down.outputs * 4);
    const columnTable = align(lineTable + across.table.byteLength);
    const starts = align(columnTable + down.table.byteLength);
    this.#grow(starts + 32);
    const words = new Int32Array(this.#memory.buffer);
    words.set(
      [...lost, 0].map((levels) => Math.round((0.5 + levels) * ONE)),
      starts / 4,
    );
    words.fill(ONE / 2, starts / 4 + 4, starts / 4 + 8);
    words.set(across.table, lineTable / 4);
    words.set(down.table, columnTable / 4);
    const line = across.outputs * 4;
    const start = down.first * width * 4;
    this.#pass(start, between, lineTable, across.outputs, rows, starts, 4, width * 4, 4, line);
    // Entries of the columns count from the picture's first line, and what is between begins with the first that is needed.
    const lines = between - down.first * line;
    this.#pass(lines, result, columnTable, down.outputs, across.outputs, starts + 16, line, 4, line, 4);
    return new Uint8Array(this.#memory.buffer, result, across.outputs * down.outputs * 4);
  }

  #grow(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }
}

const align = (bytes: number) => Math.ceil(bytes / 16) * 16;
