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

/** Pixels of four bytes, in lines of so many bytes, of which the last may be of no pixel. */
export interface Resized {
  readonly pixels: Uint8Array;
  readonly line: number;
}

/** Of red, green and blue. */
export type Levels = readonly [red: number, green: number, blue: number];

/** Weights are whole numbers of so many bits, as Pillow has them. */
const ONE = 2 ** 22;
/** What the upper part of a weight counts. */
const UPPER = 2 ** 11;
/** Inputs come in groups of so many. */
const GROUP = 4;

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
    const groups = Math.ceil((high - low) / GROUP);
    table.push(low, groups);
    const weightAt = (j: number) => Math.trunc(((shares[j] ?? 0) / sum) * ONE + 0.5);
    for (let j = 0; j < groups * GROUP; j += 2) {
      const [one, other] = [weightAt(j), weightAt(j + 1)];
      table.push(
        Math.floor(one / UPPER) + 2 ** 16 * Math.floor(other / UPPER),
        (one % UPPER) + 2 ** 16 * (other % UPPER),
      );
    }
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

type Pass = (...sizes: number[]) => void;

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
  readonly #across: Pass;
  readonly #down: Pass;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(RESAMPLE_BINARY, 'base64'));
    const { memory, across, down } = new WebAssembly.Instance(compiled).exports;
    this.#memory = memory as Memory;
    this.#across = across as Pass;
    this.#down = down as Pass;
  }

  /** @returns where a picture of so many pixels is to be put, three bytes for each; what was there is gone */
  room(width: number, height: number): Buffer {
    const bytes = width * height * 3;
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
  resize(width: number, height: number, across: Weights, down: Weights, lost: Levels): Resized {
    const rows = down.end - down.first;
    const line = align(across.outputs * 4);
    const between = align(width * height * 3);
    const result = between + rows * line;
    const lineTable = result + down.outputs * line;
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
    const start = down.first * width * 3;
    this.#across(start, between, lineTable, across.outputs, rows, starts, width * 3, line);
    // Entries of the columns count from the picture's first line, and what is between begins with the first that is needed.
    this.#down(between - down.first * line, result, columnTable, down.outputs, starts + 16, line);
    return { pixels: new Uint8Array(this.#memory.buffer, result, down.outputs * line), line };
  }

  #grow(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }
}

const align = (bytes: number) => Math.ceil(bytes / 16) * 16;
