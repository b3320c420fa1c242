import { boolAttribute, intAttribute, type Output } from './graph-def.js';
import { become, Nodes } from './nodes.js';
import type { NodeDef } from './protobuf.js';
import type { Tracer } from './tracer.js';

/** Outputs of `LossnetBatchNorm` and inputs of its gradient, by their places: see native/cc/batch-norm.cc. */
const NORM = 'LossnetBatchNorm';
const NORM_GRADIENT = 'LossnetBatchNormGrad';
const SUMS = ['Add', 'AddV2'];
const GRADIENT = { dy: 0, x: 1, scale: 2, offset: 3, inputs: 7, ofAddend: 3 } as const;

/**
 * Joins batch normalisation with the rectifier that follows it, and with the sum of a residual block in between: what each of them
 * would read and write of whole batches is done while it is at hand. Values stay the same to the last bit, and every output that
 * others want keeps its name.
 *
 *     relu(norm(x)),   relu(norm(x) + shortcut),   and their gradients
 *
 * A rectifier is joined forward where nobody else wants what it is given; backward where its own gradient goes to the
 * normalisation, and to nothing else but the shortcut.
 *
 * @param tracer what has written down forward and backward; its graph is changed
 */
export function fuseBatchNorms(tracer: Tracer): void {
  const nodes = new Nodes(tracer);
  const rectified = new Map<Output, Rectified>();
  for (const relu of nodes.of('Relu')) {
    const found = whatIsRectified(nodes, relu);
    if (found === null) continue;
    joinForward(relu, found);
    rectified.set(relu.getName(), found);
  }
  for (const gradient of nodes.of('ReluGrad')) {
    const [dy, y] = gradient.getInputList() as [Output, Output];
    const found = rectified.get(y);
    if (found !== undefined) joinBackward(nodes, gradient, { ...found, dy, y });
  }
}

interface Rectified {
  readonly norm: NodeDef;
  /** What was added to what is normalised; null: nothing. */
  readonly addend: Output | null;
}

/** A normalisation, with or without a sum after it, that goes into this rectifier alone; else null. */
function whatIsRectified(nodes: Nodes, relu: NodeDef): Rectified | null {
  const input = nodes.maker(relu.getInputList()[0]!);
  if (input === undefined || nodes.users(input.getName()).length !== 1) return null;
  if (isPlain(input)) return { norm: input, addend: null };
  if (!SUMS.includes(input.getOp())) return null;
  const terms = input.getInputList() as [Output, Output];
  for (const [term, addend] of [terms, [terms[1], terms[0]]] as const) {
    const norm = nodes.maker(term);
    const isAlone = norm !== undefined && term !== addend && isPlain(norm) && nodes.users(term).length === 1;
    if (isAlone && nodes.areAlike(term, addend)) return { norm, addend };
  }
  return null;
}

/** Not joined with anything yet. */
const isPlain = (node: NodeDef) => node.getOp() === NORM && !node.getAttrMap().has('relu');

function joinForward(relu: NodeDef, { norm, addend }: Rectified): void {
  norm.getAttrMap().set('relu', boolAttribute(true));
  if (addend !== null) {
    norm.addInput(addend);
    norm.getAttrMap().set('N', intAttribute(1));
  }
  become(relu, norm.getName());
}

function joinBackward(
  nodes: Nodes,
  gradient: NodeDef,
  { norm, addend, dy, y }: Rectified & { readonly dy: Output; readonly y: Output },
): void {
  const x = norm.getInputList()[0]!;
  // The gradient of a sum is passed on in the shape of each term, which is the same.
  const passedOn = nodes.passedOn(gradient.getName());
  const users = passedOn.flatMap((output) => nodes.users(output));
  const own = users.filter(
    (user) =>
      user.getOp() === NORM_GRADIENT &&
      user.getInputList()[GRADIENT.x] === x &&
      passedOn.includes(user.getInputList()[GRADIENT.dy]!),
  );
  const normGradient = own[0];
  if (own.length !== 1 || normGradient === undefined) return;
  const isWanted = users.some((user) => user !== normGradient && !passedOn.includes(user.getName()));
  if (addend === null && isWanted) return;
  const inputs = normGradient.getInputList().slice(0, GRADIENT.inputs);
  const attributes = normGradient.getAttrMap();
  attributes.set('relu', boolAttribute(true));
  if (addend !== null) attributes.set('N', intAttribute(1));
  normGradient.setInputList([dy, ...inputs.slice(1), ...(addend === null ? [] : [y])]);
  if (addend !== null) become(gradient, `${normGradient.getName()}:${GRADIENT.ofAddend}`);
}
